import type { Writable } from 'node:stream'
import type { Event } from '../model/event.ts'
import type { HostName } from '../model/names.ts'
import type { Problem } from '../model/problem.ts'
import { printable } from '../shell/printable.ts'
import { commandTable } from './command-table.ts'
import { formatDuration } from './duration.ts'
import type { Reporter } from './event-stream.ts'
import { createProblemGatherer } from './gathered-problems.ts'
import { createHostGroups } from './host-groups.ts'
import { createLineWriter, type LineWriter, outputLost } from './line-writer.ts'
import { outputText } from './output-text.ts'
import { createPaint, type Paint } from './paint.ts'
import { problemLines } from './problems.ts'

/** How much is said beside what the hosts print. */
export type CommandDetail = 'quiet' | 'normal' | 'verbose'

export interface CommandLinesOptions {
  readonly out: Writable
  readonly err: Writable
  /** All hosts, in the order in which their groups are to stand. */
  readonly hosts: readonly HostName[]
  /** Host after host instead of line after line. */
  readonly grouped: boolean
  readonly detail: CommandDetail
  readonly colour: { readonly out: boolean; readonly err: boolean }
  /** Width of the closing table. */
  readonly columns: number
}

type CommandFinished = Event & { readonly type: 'command-finished' }

/**
 * Shows what a command prints on many hosts: on the stream on which the host printed it, with the host in front of every
 * line as it comes, or host after host. A table at the end says how it went; `quiet` leaves it out where all went well.
 */
export function createCommandLines(options: CommandLinesOptions): Reporter {
  const streams = {
    stdout: createLineWriter(options.out, outputLost),
    stderr: createLineWriter(options.err, outputLost),
  }
  const paint = {
    out: createPaint({ colour: options.colour.out }),
    err: createPaint({ colour: options.colour.err }),
  }
  const gather = createProblemGatherer()
  const tell = (problems: readonly Problem[]) =>
    problemLines(problems, paint.err).forEach(streams.stderr.write)
  const ends: CommandFinished[] = []
  const { output, finished } = options.grouped
    ? createHostGroups(options.hosts, streams, paint.out)
    : { output: prefixed(streams, paint), finished: () => undefined }
  return {
    handle: event => {
      tell(gather.before(event))
      if (event.type === 'output') return output(event)
      if (event.type === 'notice') return streams.stderr.write(printable(event.message))
      if (event.type === 'host-connected' && options.detail === 'verbose')
        return streams.stderr.write(
          `${paint.err('cyan', `[${event.host}]`)} connected, ${formatDuration(event.durationMs)}`,
        )
      if (event.type === 'command-finished') {
        ends.push(event)
        return finished(event)
      }
      if (event.type === 'run-finished') closing(event)
    },
    end: async () => {
      tell(gather.rest())
      await Promise.all([streams.stdout.flush(), streams.stderr.flush()])
    },
  }

  function closing({ durationMs }: Event & { readonly type: 'run-finished' }): void {
    const well = ends.every(({ outcome }) => outcome.kind === 'ok')
    if (ends.length === 0 || (well && options.detail === 'quiet')) return
    const table = { hosts: options.hosts, ends, durationMs }
    commandTable(table, { columns: options.columns, paint: paint.err }).forEach(streams.stderr.write)
  }
}

function prefixed(
  streams: Readonly<Record<'stdout' | 'stderr', LineWriter>>,
  paint: { readonly out: Paint; readonly err: Paint },
) {
  return ({ host, stream, line }: Event & { readonly type: 'output' }): void => {
    const name = paint[stream === 'stdout' ? 'out' : 'err']('cyan', `[${host}]`)
    streams[stream].offer(`${name} ${outputText(line)}`)
  }
}
