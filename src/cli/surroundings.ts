import { hostname, userInfo } from 'node:os'
import type { Readable, Writable } from 'node:stream'

/** What the process was started with and talks to. Everything of `process` that the commands use comes through here. */
export interface Surroundings {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly stdin: Input
  readonly stdout: Output
  readonly stderr: Output
  readonly pid: number
  readonly user: string
  readonly hostname: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Calls this when the terminal asks to stop (Ctrl-Z), and then stops. Returns what ends that. */
  readonly beforeSuspend: (leave: () => void) => () => void
}

/** Standard input. */
export type Input = Readable & { readonly isTTY?: boolean }

/** A standard stream; `columns` and `rows` where it is a terminal. */
export type Output = Writable & {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
}

/** Width of what is written where there is no terminal to fit into. */
const WIDE_COLUMNS = 120

export function surroundingsOf(process: NodeJS.Process): Surroundings {
  return {
    argv: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    pid: process.pid,
    user: userName(process.env),
    hostname: hostname(),
    now: Date.now,
    beforeSuspend: leave => beforeSuspend(process, leave),
  }
}

/** A process that catches SIGTSTP has to stop itself: POSIX, 2.14 job control. */
function beforeSuspend(process: NodeJS.Process, leave: () => void): () => void {
  const suspend = () => {
    leave()
    process.kill(process.pid, 'SIGSTOP')
  }
  process.on('SIGTSTP', suspend)
  return () => void process.off('SIGTSTP', suspend)
}

/** An account without a passwd entry (a container's) has no name that `userInfo` could tell. */
function userName(env: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username
  } catch {
    return env['USER'] ?? env['LOGNAME'] ?? 'unknown'
  }
}

/** A terminal that does not know its size says 0 (tty_ioctl(4), TIOCGWINSZ). */
export const columnsOf = (output: Output): number => output.columns || WIDE_COLUMNS

/**
 * Colour is for terminals, and not where NO_COLOR (no-color.org) or --no-color says so. FORCE_COLOR asks for it where there is no
 * terminal, as in CI (force-color.org), and wins over NO_COLOR, as in Node itself (tty.WriteStream.getColorDepth); `0` and `false`
 * turn it off there and here.
 */
export function wantsColour(output: Output, env: Surroundings['env'], flag: boolean): boolean {
  const forced = env['FORCE_COLOR'] ?? ''
  if (forced !== '') return flag && forced !== '0' && forced !== 'false'
  const forbidden = env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== ''
  return flag && !forbidden && output.isTTY === true && env['TERM'] !== 'dumb'
}
