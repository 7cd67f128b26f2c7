import type { ExpectedAnswer, HttpProbeStep } from '../model/step.ts'
import { type AnswerOptions, answerKeys, readAnswer, readHeaders } from './answer-options.ts'
import { type Duration, readDuration } from './duration.ts'
import type { Place } from './place.ts'
import { readText, unexpected } from './readers.ts'
import type { StepOptions } from './step-options.ts'

/** What a probe may say about itself and about the answer that it expects. Its timeout is 60 seconds by default. */
export interface HttpProbeOptions extends Omit<StepOptions, 'env' | 'cwd'>, AnswerOptions {
  /** Of the request. */
  readonly headers?: Readonly<Record<string, string>>
  /** Absolute path of a Unix socket to ask instead of the URL's own host and port. */
  readonly socket?: string
  /** Pause between two attempts. Default: 1 second. */
  readonly interval?: Duration
  /** After this one attempt has failed. Default: 5 seconds. */
  readonly attempt?: Duration
}

export const probeKeys = [...answerKeys, 'headers', 'socket', 'interval', 'attempt'] as const
type ProbeFields = Readonly<Partial<Record<(typeof probeKeys)[number], unknown>>>
type Probe = ExpectedAnswer & Pick<HttpProbeStep, 'url' | 'headers' | 'socket' | 'intervalMs' | 'attemptMs'>

/** What is asked, and which answer is good. */
export function readProbe(url: unknown, urlAt: Place, fields: ProbeFields, place: Place): Probe {
  const { socket, ...expected } = fields
  return {
    url: readUrl(url, urlAt),
    socket: socket === undefined ? undefined : readSocket(socket, place.at('socket')),
    ...readExpected(expected, place),
  }
}

/** Which answer is good, and how often it is asked for. */
export function readExpected(
  fields: Omit<ProbeFields, 'socket'>,
  place: Place,
): Omit<Probe, 'url' | 'socket'> {
  const { headers = {}, interval = '1s', attempt = '5s', ...answer } = fields
  return {
    ...readAnswer(answer, place),
    headers: readHeaders(headers, place.at('headers')),
    intervalMs: readDuration(interval, place.at('interval')),
    attemptMs: readDuration(attempt, place.at('attempt')),
  }
}

function readUrl(value: unknown, place: Place): string {
  const text = readText(value, place, 'a URL')
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    if (text !== '') unexpected(value, place, "a URL that begins with 'http://' or 'https://'")
  } else if (url.username !== '' || url.password !== '')
    place.wrong('credentials-in-url', 'a URL with a user or a password would be shown in plans and output')
  return text
}

function readSocket(value: unknown, place: Place): string {
  const path = readText(value, place, 'the path of a socket')
  if (path !== '' && !path.startsWith('/')) unexpected(value, place, 'an absolute path')
  return path
}
