import { cancelled, failed, type Outcome, ok } from '../model/outcome.ts'
import type { Task } from '../model/plan.ts'
import type { CallContext, CallFunction } from '../model/step.ts'
import { withoutCredentials } from '../shell/credentials.ts'
import { tookTooLong } from './outcome-of.ts'

/** A function that was told to end is waited for this long; it cannot be killed. As long as a program between TERM and KILL. */
const LEAVE_AFTER_MS = 5_000

/**
 * Calls a function of the configuration. What it throws is why the step failed; its time limit and `signal` abort the
 * signal that it was given. Never rejects.
 */
export async function callFunction(
  run: CallFunction,
  context: CallContext,
  { timeoutMs, timeoutOption }: Pick<Task, 'timeoutMs' | 'timeoutOption'>,
): Promise<Outcome> {
  if (context.signal.aborted) return cancelled
  const own = new AbortController()
  const signal = AbortSignal.any([own.signal, context.signal])
  let why: Outcome | undefined
  const end = (outcome: Outcome) => {
    why ??= outcome
    own.abort()
  }
  const limit = setTimeout(() => end(tookTooLong(timeoutMs / 1000, timeoutOption)), timeoutMs)
  const onAbort = () => end(cancelled)
  context.signal.addEventListener('abort', onAbort, { once: true })
  const left = leaving(signal)
  try {
    const outcome = await Promise.race([settled(run, { ...context, signal }), left.promise])
    return why ?? outcome
  } finally {
    clearTimeout(limit)
    left.forget()
    context.signal.removeEventListener('abort', onAbort)
  }
}

async function settled(run: CallFunction, context: CallContext): Promise<Outcome> {
  try {
    await run(context)
    return ok
  } catch (error) {
    // It goes to the records of hosts too.
    return failed(withoutCredentials(error instanceof Error ? error.message : String(error)))
  }
}

/** Resolves when a function that was told to end has had its time. */
function leaving(signal: AbortSignal): { readonly promise: Promise<Outcome>; readonly forget: () => void } {
  let timer: NodeJS.Timeout | undefined
  const promise = new Promise<Outcome>(resolve => {
    const begin = () => {
      timer = setTimeout(() => resolve(cancelled), LEAVE_AFTER_MS)
    }
    signal.addEventListener('abort', begin, { once: true })
  })
  return { promise, forget: () => clearTimeout(timer) }
}
