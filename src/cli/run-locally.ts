import { spawn } from 'node:child_process'
import { tookTooLong } from '../apply/outcome-of.ts'
import { cancelled, failed, type Outcome, ok } from '../model/outcome.ts'
import type { Task } from '../model/plan.ts'
import { killedWithUs, tryToKill } from '../transport/no-survivors.ts'
import { lineSplitter } from './line-splitter.ts'

/** After TERM a program of the runner is given this long before KILL. */
const KILL_AFTER_MS = 5_000
/**
 * After KILL it has as long to be gone. What another user runs (sudo) may not be killed by us, and what hangs in the kernel
 * does not die: both are left behind.
 */
const GONE_AFTER_MS = 3_000
/** A step ends when its program exits; what a daemon of it keeps open is read no longer than this. As on a host. */
const DRAIN_MS = 2_000

/** How a group is ended; tests shorten the waits, and are not allowed to kill. */
interface Ways {
  readonly killAfterMs: number
  readonly goneAfterMs: number
  /** Of a process, or (negative) a group; where it is not allowed, or nobody is left, nothing happens. */
  readonly kill: (pid: number, signal: NodeJS.Signals) => void
}

const productionWays: Ways = {
  killAfterMs: KILL_AFTER_MS,
  goneAfterMs: GONE_AFTER_MS,
  kill: tryToKill,
}

type OnOutput = (stream: 'stdout' | 'stderr', line: string) => void

/**
 * Runs a program on the runner in a process group of its own, with the runner's environment and the step's variables
 * over it. Cancelling and the time limit end the whole group; one that cannot be ended is left behind, and has failed. Never
 * rejects.
 */
export function runLocally(
  task: Task,
  options: {
    readonly env: Readonly<Record<string, string>>
    readonly signal: AbortSignal
    readonly onOutput: OnOutput
  },
  { killAfterMs, goneAfterMs, kill }: Ways = productionWays,
): Promise<Outcome> {
  const [command = '', ...args] = task.action.kind === 'local' ? task.action.argv : []
  if (options.signal.aborted) return Promise.resolve(cancelled)
  return new Promise(resolve => {
    const child = spawn(command, args, {
      cwd: task.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    killedWithUs(child, { group: true })
    const uncut = Object.values(options.env).flatMap(value => value.split('\n'))
    for (const stream of ['stdout', 'stderr'] as const) {
      const lines = lineSplitter(line => {
        if (!over) options.onOutput(stream, line)
      }, uncut)
      child[stream].on('data', lines.take).on('end', lines.end)
    }
    let over = false
    const ending: { why: Outcome | undefined } = { why: undefined }
    const end = (why: Outcome): void => {
      ending.why ??= why
      const signal = (name: NodeJS.Signals) => {
        if (child.pid !== undefined) kill(-child.pid, name)
      }
      signal('SIGTERM')
      const leaveBehind = () => {
        const still = describeWhy(ending.why ?? why)
        ending.why = failed(`${still}, and could not be ended: it may still run as process ${child.pid}`)
        child.unref()
        settle(ending.why)
      }
      timers.push(
        setTimeout(() => {
          signal('SIGKILL')
          timers.push(setTimeout(leaveBehind, goneAfterMs))
        }, killAfterMs),
      )
    }
    const timers: NodeJS.Timeout[] = []
    const onAbort = () => end(cancelled)
    options.signal.addEventListener('abort', onAbort, { once: true })
    const limit = setTimeout(
      () => end(tookTooLong(task.timeoutMs / 1000, task.timeoutOption)),
      task.timeoutMs,
    )
    const settle = (outcome: Outcome) => {
      over = true
      for (const timer of [limit, ...timers]) clearTimeout(timer)
      for (const stream of [child.stdout, child.stderr]) stream.destroy()
      options.signal.removeEventListener('abort', onAbort)
      resolve(ending.why ?? outcome)
    }
    child.once('error', error => settle(failed(`could not be started: ${error.message}`)))
    const ended = (code: number | null, signal: NodeJS.Signals | null): Outcome =>
      code === 0 ? ok : failed(signal === null ? `exit ${code}` : `killed by ${signal}`)
    child.once('exit', (code, signal) => setTimeout(() => settle(ended(code, signal)), DRAIN_MS).unref())
    child.once('close', (code, signal) => settle(ended(code, signal)))
  })
}

const describeWhy = (why: Outcome): string => (why.kind === 'failed' ? why.reason : why.kind)
