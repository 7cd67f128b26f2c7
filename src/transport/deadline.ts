import { StageError } from '../model/stage-error.ts'

/** A signal that is aborted when time is up, or together with another one. Dispose of it when the work is done. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal
}

/**
 * Bounds work that watches a signal.
 *
 * @param late says what was not done in time; asked only when time is up
 */
export function deadline(ms: number, outer: AbortSignal | undefined, late: () => StageError): Deadline {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(late()), ms)
  const onAbort = () => controller.abort(interruption(outer))
  if (outer?.aborted === true) onAbort()
  outer?.addEventListener('abort', onAbort, { once: true })
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer)
      outer?.removeEventListener('abort', onAbort)
    },
  }
}

/** The error of work that was called off: the caller's own, where it gave one. */
export function interruption(signal: AbortSignal | undefined): StageError {
  const reason: unknown = signal?.reason
  if (reason instanceof StageError) return reason
  return new StageError('interrupted', 'connecting was called off', { cause: reason })
}

/** @throws StageError the reason, when the work was called off already */
export function requireNotAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw interruption(signal)
}

/** Settles as `work` does, or rejects as soon as the signal is aborted; `work` itself goes on and must be harmless. */
export async function unlessAborted<Result>(
  signal: AbortSignal | undefined,
  work: Promise<Result>,
): Promise<Result> {
  if (signal === undefined) return await work
  let onAbort = () => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(interruption(signal))
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
