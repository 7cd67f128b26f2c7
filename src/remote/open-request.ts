import * as v from 'valibot'
import { printable } from '../shell/printable.ts'
import type { OutputStream } from './frames.ts'
import { type Answer, type RequestName, type Requests, requests } from './messages.ts'

export interface RequestOptions {
  /**
   * Asks the host to stop what it does for this request. The answer is waited for nevertheless: a run then ends as
   * `cancelled`, other requests are refused or done. A request whose signal fired before is not sent.
   */
  readonly signal?: AbortSignal
  /**
   * Lines of a run as they are printed, without their ends. On other requests: what the host warns of without refusing,
   * as `stderr` (a journal that cannot be written after `fire`).
   */
  readonly onOutput?: (stream: OutputStream, line: string) => void
  /** What follows the request: the bytes to receive. */
  readonly data?: AsyncIterable<Uint8Array>
  /** What comes back before the answer: the bytes to fetch. While it is busy nothing else is read from this host. */
  readonly onData?: (chunk: Uint8Array) => void | Promise<void>
}

/** A request whose answer is still to come. It forgets whatever happens to it after its promise was settled. */
export interface OpenRequest {
  readonly name: RequestName
  readonly options: RequestOptions
  /** Settles the promise; or returns what does not fit in the answer, and settles nothing. */
  answer(value: unknown): string | undefined
  fail(error: unknown): void
  /** Whatever the host will answer, the promise rejects with this one. */
  failInstead(error: unknown): void
}

/** Joins a request to the promise of its answer; the answer is checked against the table of messages. */
export function openRequest<N extends RequestName>(
  name: N,
  options: RequestOptions,
  promise: { readonly resolve: (answer: Answer<N>) => void; readonly reject: (error: unknown) => void },
): OpenRequest {
  const schema: Requests[N]['answer'] = requests[name].answer
  let instead: { readonly error: unknown } | undefined
  const fail = (error: unknown) => promise.reject(instead === undefined ? error : instead.error)
  return {
    name,
    options,
    fail,
    failInstead(error) {
      instead ??= { error }
    },
    answer(value) {
      const read = v.safeParse(schema, value)
      if (!read.success) return describe(read.issues)
      if (instead === undefined) promise.resolve(read.output)
      else fail(undefined)
      return undefined
    },
  }
}

/** Of an answer that is something else altogether, these say enough. */
const MAX_ISSUES = 5
const MAX_ISSUE = 200

/** What a host said stands in here, by its keys and its values. */
function describe(issues: readonly v.BaseIssue<unknown>[]): string {
  const shown = issues.slice(0, MAX_ISSUES).map(issue => {
    const said = `${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}`
    return printable(said.slice(0, MAX_ISSUE))
  })
  const more = issues.length - shown.length
  return [...shown, ...(more === 0 ? [] : [`and ${more} more`])].join('; ')
}
