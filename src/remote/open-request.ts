import * as v from 'valibot'
import { StageError } from '../model/stage-error.ts'
import { printable } from '../shell/printable.ts'
import type { OutputStream } from './frames.ts'
import { SLOWEST_BYTES_PER_MS, STOP_MS } from './message-limits.ts'
import { type Answer, type Body, limitsOf, type RequestName, type Requests, requests } from './messages.ts'
import { TimeLimit } from './time-limit.ts'

export interface RequestOptions {
  /**
   * Asks the host to stop what it does for this request. The answer is waited for nevertheless, though not for long
   * where the host stops it: a run then ends as `cancelled`, other requests are refused or done. A request whose
   * signal fired before is not sent.
   */
  readonly signal?: AbortSignal
  /** The answer is not waited for any more: the request ends as `interrupted`, and the connection is given up. */
  readonly abandoned?: AbortSignal
  /** How long the answer is waited for, in place of what the table of messages has. Milliseconds. */
  readonly limitMs?: number
  /** The option of the configuration that lengthens that wait. */
  readonly option?: string
  /** What is asked, in a sentence about its limit; default: the name of the request. */
  readonly what?: string
  /**
   * An answer that does not come in time ends the request alone: whoever asked decides about the connection. By
   * default the connection is given up, since the host may still be at it, and nothing that is asked later may meet
   * that.
   */
  readonly keepsConnection?: boolean
  /**
   * Lines of a run as they are printed, without their ends. On other requests: what the host warns of without refusing,
   * as `stderr` (a journal that cannot be written after `fire`).
   */
  readonly onOutput?: (stream: OutputStream, line: string) => void
  /** What follows the request: the bytes to receive. */
  readonly data?: AsyncIterable<Uint8Array>
  /** How many bytes may come back before the answer, where whoever asks knows that. */
  readonly dataBytes?: number
  /** What comes back before the answer: the bytes to fetch. While it is busy nothing else is read from this host. */
  readonly onData?: (chunk: Uint8Array) => void | Promise<void>
}

/** A request whose answer is still to come. It forgets whatever happens to it after its promise was settled. */
export interface OpenRequest {
  readonly name: RequestName
  readonly options: RequestOptions
  readonly answerBytes: number
  readonly answerValues: number
  /** Has its promise an end already? What still comes for it is dropped. */
  readonly isSettled: boolean
  /** Settles the promise; or returns what does not fit in the answer, and settles nothing. */
  answer(value: unknown): string | undefined
  fail(error: unknown): void
  /** Whatever the host will answer, the promise rejects with this one. */
  failInstead(error: unknown): void
  /** Counts what comes back before the answer. @returns why that is too much; undefined: it is not */
  takes(kind: 'data' | 'output', bytes: number): string | undefined
  /** Data went out or came in. */
  moved(): void
  /** The host was told to stop. */
  stopping(): void
  /** Nothing comes for it any more. */
  end(): void
}

/** What becomes of a request that is open. */
interface Ends<N extends RequestName> {
  readonly resolve: (answer: Answer<N>) => void
  readonly reject: (error: unknown) => void
  /** Its answer did not come in time. */
  readonly late: (reason: string) => void
}

/**
 * Joins a request to the promise of its answer; the answer is checked against the table of messages, and has its
 * limits.
 */
export function openRequest<N extends RequestName>(
  host: string,
  name: N,
  body: Body<N>,
  options: RequestOptions,
  ends: Ends<N>,
): OpenRequest {
  const schema: Requests[N]['answer'] = requests[name].answer
  const limits = limitsOf(name)
  const left = {
    data: Math.min(options.dataBytes ?? limits.dataBytes, limits.dataBytes),
    output: limits.outputBytes,
  }
  const limitMs = options.limitMs ?? limits.withinMs(body)
  const what = options.what ?? name
  const lengthened = options.option === undefined ? '' : `, which ${options.option} lengthens`
  let instead: { readonly error: unknown } | undefined
  let isSettled = false
  let isStopping = false
  const fail = (error: unknown) => {
    isSettled = true
    ends.reject(instead === undefined ? error : instead.error)
  }
  const late = (reason: string) => {
    if (!isSettled) fail(new StageError('connection-lost', reason, { host }))
    ends.late(reason)
  }
  const time = new TimeLimit(limitMs, () =>
    late(
      isStopping
        ? `${what} did not stop within ${STOP_MS / 1000} s of being told to`
        : `${what} was not answered within ${limitMs / 1000} s${lengthened}`,
    ),
  )
  const wholeMs = limitMs + left.data / SLOWEST_BYTES_PER_MS
  const whole =
    left.data === 0
      ? undefined
      : new TimeLimit(wholeMs, () => late(`${what} did not arrive within ${Math.round(wholeMs / 1000)} s`))
  return {
    name,
    options,
    answerBytes: limits.answerBytes,
    answerValues: limits.answerValues,
    get isSettled() {
      return isSettled
    },
    fail,
    failInstead(error) {
      instead ??= { error }
    },
    answer(value) {
      const read = v.safeParse(schema, value, { abortEarly: true })
      if (!read.success) return describe(read.issues)
      if (instead !== undefined) fail(undefined)
      isSettled = true
      ends.resolve(read.output)
      return undefined
    },
    takes(kind, bytes) {
      left[kind] -= bytes
      if (left[kind] >= 0) return undefined
      return kind === 'data'
        ? `it sent more data for ${name} than was announced`
        : `it sent output for ${name}, which prints none`
    },
    moved() {
      if (!isStopping) time.moved()
    },
    stopping() {
      if (!limits.stops || isStopping) return
      isStopping = true
      time.replace(Math.min(STOP_MS, limitMs))
    },
    end() {
      time.end()
      whole?.end()
    },
  }
}

const MAX_ISSUE = 200

/** What a host said stands in here, by its keys and its values. The first place that does not fit says enough. */
function describe([issue]: readonly v.BaseIssue<unknown>[]): string {
  if (issue === undefined) return 'it does not fit'
  const said = `${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}`
  return printable(said.slice(0, MAX_ISSUE))
}
