import { StageError } from '../model/stage-error.ts'
import type { ByteChannelEnd } from './byte-channel.ts'
import type { Greeting } from './greeting.ts'

/** POSIX 2.8.2: what a shell exits with when it did not find a command. */
const COMMAND_NOT_FOUND = 127

/** What reads the input of a login that did not come to start Python. */
export type InputTaken = 'by another program' | 'by a question'

/** Everything known of a remote end that did not begin. */
export interface FailedStart {
  readonly host: string
  readonly startTimeoutMs: number
  /** Undefined: it said nothing in time. */
  readonly greeting: Exclude<Greeting, { kind: 'said' }> | undefined
  /** Whether Python was there, and was sent the program. */
  readonly listens: boolean
  readonly taken: InputTaken | undefined
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
  if (end?.kind === 'lost')
    return new StageError('connection-lost', `the connection was lost: ${end.reason}${printed}`, { host })
  if (failed.taken !== undefined) return inputTaken(failed, failed.taken)
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
        hint: `does \`ssh ${host} true\` return at once? A login script that hangs would do this`,
      },
    )
  const hint = failed.listens ? {} : { hint: OTHER_PROGRAM }
  return new StageError('remote-end', `the remote end ended before it began${how(end)}${printed}`, {
    ...hint,
    host,
  })
}

/** Bash reads ~/.bashrc also for a command that sshd starts; the start-up files of the others are read anyway. */
const OTHER_PROGRAM =
  'see what the login starts in place of the command: the login shell itself, its start-up files (~/.bashrc, ' +
  '~/.zshenv, ~/.cshrc, config.fish), or ForceCommand and `command=` of sshd. `exec zsh` and the like belong ' +
  'where there is a terminal: `[ -t 0 ] && exec zsh`; better is `chsh -s /usr/bin/zsh`'

function inputTaken(failed: FailedStart, taken: InputTaken): StageError {
  const { host, startTimeoutMs, end } = failed
  const waited = `within ${startTimeoutMs / 1000} s`
  switch (taken) {
    case 'by another program':
      return new StageError(
        'remote-end',
        'the login starts another program, which reads the input in place of Python: ' +
          `it said nothing of Python ${waited}, and ended when its input was closed${how(end)}. It was sent nothing${shown(failed.printed)}`,
        { host, hint: OTHER_PROGRAM },
      )
    case 'by a question':
      return new StageError(
        'remote-end',
        `the login waits for input before it starts Python, and was given none ${waited}${shown(failed.printed)}`,
        {
          host,
          hint:
            'a start-up file of the login shell reads its input: let it do so only where there is a terminal ' +
            '([ -t 0 ])',
        },
      )
  }
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
