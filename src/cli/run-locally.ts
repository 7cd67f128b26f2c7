import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { cancelled, failed, type Outcome, ok } from '../model/outcome.ts'
import type { Task } from '../model/plan.ts'

/** After TERM a program of the runner is given this long before KILL. */
const KILL_AFTER_MS = 5_000
/** A step ends when its program exits; what a daemon of it keeps open is read no longer than this. As on a host. */
const DRAIN_MS = 2_000

type OnOutput = (stream: 'stdout' | 'stderr', line: string) => void

/**
 * Runs a program on the runner in a process group of its own, with the runner's environment and the step's variables
 * over it. Cancelling and the time limit end the whole group. Never rejects.
 */
export function runLocally(
  task: Task,
  options: {
    readonly env: Readonly<Record<string, string>>
    readonly signal: AbortSignal
    readonly onOutput: OnOutput
  },
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
    for (const stream of ['stdout', 'stderr'] as const) {
      createInterface({ input: child[stream] }).on('line', line => options.onOutput(stream, line))
    }
    const ending: { why: Outcome | undefined } = { why: undefined }
    const end = (why: Outcome): void => {
      ending.why ??= why
      killGroup(child.pid, 'SIGTERM')
      setTimeout(() => killGroup(child.pid, 'SIGKILL'), KILL_AFTER_MS).unref()
    }
    const onAbort = () => end(cancelled)
    options.signal.addEventListener('abort', onAbort, { once: true })
    const limit = setTimeout(
      () => end(failed(`stopped after ${task.timeoutMs / 1000} s: time limit`)),
      task.timeoutMs,
    )
    const settle = (outcome: Outcome) => {
      clearTimeout(limit)
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

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // The group has ended by itself.
  }
}
