import { StageError } from '../model/stage-error.ts'
import type { ByteChannelEnd } from './byte-channel.ts'
import type { Greeting } from './greeting.ts'

/** POSIX 2.8.2: what a shell exits with when it did not find a command. */
const COMMAND_NOT_FOUND = 127

/** Everything known of a remote end that did not begin. */
export interface FailedStart {
  readonly host: string
  readonly startTimeoutMs: number
  /** Undefined: it said nothing in time. */
  readonly greeting: Exclude<Greeting, { kind: 'ready' }> | undefined
  /** Undefined: its end is not known. */
  readonly end: ByteChannelEnd | undefined
  /** The last lines of what it printed instead. */
  readonly printed: readonly string[]
}

/** Why a host could not be spoken to, with what it printed instead. */
export function startFailure(failed: FailedStart): StageError {
  const { host, greeting, end } = failed
  const printed = shown(failed.printed)
  const interpreter = `install Python 3.8 or newer on ${host}, or name one that it has in hosts.${host}.python`
  if (greeting?.kind === 'too-old')
    return new StageError('remote-end', `its Python is ${greeting.version}; 3.8 is the oldest that will do`, {
      host,
      hint: interpreter,
    })
  if (end?.kind === 'exited' && end.code === COMMAND_NOT_FOUND)
    return new StageError('remote-end', `the shell found no Python (exit status 127)${printed}`, {
      host,
      hint: interpreter,
    })
  if (greeting === undefined)
    return new StageError(
      'remote-end',
      `the remote end did not begin within ${failed.startTimeoutMs / 1000} s${printed}`,
      {
        host,
        hint: `does \`ssh ${host} true\` return at once? A login script that waits for input would do this`,
      },
    )
  if (end?.kind === 'lost')
    return new StageError('connection-lost', `the connection was lost: ${end.reason}${printed}`, { host })
  return new StageError('remote-end', `the remote end ended before it began${how(end)}${printed}`, { host })
}

/** How a program ended, as a part of a sentence. */
export function how(end: ByteChannelEnd | undefined): string {
  switch (end?.kind) {
    case 'exited':
      return ` (exit status ${end.code})`
    case 'signalled':
      return ` (${end.signal})`
    case 'lost':
      return ` (${end.reason})`
    case undefined:
      return ''
  }
}

function shown(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `. It printed:\n${lines.map(line => `  | ${line}`).join('\n')}`
}
