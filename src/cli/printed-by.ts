import type { PrintedBy } from '../artifact/read-version-source.ts'
import { StageError } from '../model/stage-error.ts'
import { shownCommand } from '../shell/shown-command.ts'
import { type ProgramEnd, runToEnd } from '../transport/run-to-end.ts'

/** Neither git nor a program that prints a version takes longer. */
const LIMIT_MS = 60_000
/** A version is a line. */
const MOST_BYTES = 1024 * 1024

/** Runs a program that prints a version; that it fails is a fault of the configuration. */
export const printedBy =
  (signal: AbortSignal): PrintedBy =>
  async (argv, directory) => {
    const limits = { limitMs: LIMIT_MS, maxBytes: MOST_BYTES }
    const end = await runToEnd({ argv, cwd: directory, ...limits, signal, asksOnTerminal: false })
    if (end.kind === 'exited' && end.code === 0) return end.stdout.toString('utf8')
    if (signal.aborted) throw new StageError('interrupted', 'Interrupted. Nothing was touched.')
    throw new StageError('config', `no version from ${shownCommand(argv)}: ${reason(end)}`, {
      hint: `it runs in ${directory}; see \`version\` in the configuration`,
    })
  }

function reason(end: ProgramEnd): string {
  switch (end.kind) {
    case 'exited':
      return end.stderr.toString('utf8').trim() || `it ended with ${end.code}`
    case 'signalled':
      return `it was killed by ${end.signal}`
    case 'unstarted':
      return end.code === 'ENOENT' ? 'it is not there' : `it could not be started (${end.code})`
    case 'stopped':
      return end.because === 'output' ? 'it prints too much' : `it was stopped after ${LIMIT_MS / 1000} s`
  }
}
