import { cancelled, failed, type Outcome, ok, unknown } from '../model/outcome.ts'
import { StageError } from '../model/stage-error.ts'
import type { Answer } from '../remote/messages.ts'

/** A step that took longer than it may. @param option what gives it more time */
export const tookTooLong = (seconds: number, option: string): Outcome =>
  failed(`stopped after ${seconds} s: time limit, which ${option} lengthens`)

/**
 * What a program's end means for the step. A program that was killed by a signal has failed, whoever sent it: a
 * build killed for memory is never a success.
 *
 * @param timeoutOption what gives it more time
 */
export function outcomeOfEnd(ended: Answer<'run'>, timeoutOption: string): Outcome {
  switch (ended.kind) {
    case 'exited':
      return ended.code === 0 ? ok : failed(`exit ${ended.code ?? '?'}`)
    case 'signalled':
      return failed(`killed by ${ended.signal ?? 'a signal'}`)
    case 'timed-out':
      return tookTooLong(Math.round(ended.durationMs / 1000), timeoutOption)
    case 'cancelled':
      return cancelled
    case 'unstarted':
      return failed(`could not be started: ${ended.reason ?? 'unknown reason'}`)
  }
}

/**
 * What a request that threw means for its host, whose name stands beside every outcome: lost is unknown, a refusal is a
 * failure, the rest is a bug and said whole.
 */
export function outcomeOfError(error: unknown): Outcome {
  if (error instanceof StageError) {
    if (error.code === 'interrupted') return cancelled
    return error.code === 'connection-lost' ? unknown(error.reason) : failed(error.reason)
  }
  if (error instanceof Error && error.name === 'AbortError') return cancelled
  return failed(`bug: ${stackOf(error)}`)
}

/** All that is known of something that should not have been thrown. */
export const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)

/** Why it did not end well, without its kind: for a sentence that says that itself. */
export const reasonOf = (outcome: Outcome): string =>
  outcome.kind === 'failed' || outcome.kind === 'unknown' ? outcome.reason : outcome.kind

/** An outcome as a part of a sentence. */
export function describe(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'ok':
      return 'ok'
    case 'failed':
      return outcome.reason
    case 'cancelled':
      return 'cancelled'
    case 'unknown':
      return `unknown: ${outcome.reason}`
  }
}
