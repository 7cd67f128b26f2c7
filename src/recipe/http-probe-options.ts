import type { HttpProbeStep } from '../model/step.ts'
import { type Duration, readDuration } from './duration.ts'
import type { Place } from './place.ts'
import { readEntries, readInteger, readList, readText, unexpected } from './readers.ts'
import type { StepOptions } from './step-options.ts'

/** What a probe may say about itself and about the answer that it expects. Its timeout is 60 seconds by default. */
export interface HttpProbeOptions extends Omit<StepOptions, 'env' | 'cwd'> {
  /** Status codes that are good. Default: 200. */
  readonly status?: number | readonly number[]
  /** A text that the body must contain. */
  readonly contains?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Absolute path of a Unix socket to ask instead of the URL's own host and port. */
  readonly socket?: string
  /** Pause between two attempts. Default: 1 second. */
  readonly interval?: Duration
  /** After this one attempt has failed. Default: 5 seconds. */
  readonly attempt?: Duration
}

export const probeKeys = ['status', 'contains', 'headers', 'socket', 'interval', 'attempt'] as const
type ProbeFields = Readonly<Partial<Record<(typeof probeKeys)[number], unknown>>>
type Probe = Pick<
  HttpProbeStep,
  'url' | 'status' | 'contains' | 'headers' | 'socket' | 'intervalMs' | 'attemptMs'
>

/** `token` of RFC 9110, 5.6.2: what the name of a header is made of. */
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

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
  const { status = [200], contains, headers = {}, interval = '1s', attempt = '5s' } = fields
  return {
    status: readStatus(status, place.at('status')),
    contains: contains === undefined ? undefined : readText(contains, place.at('contains')),
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

function readStatus(value: unknown, place: Place): readonly number[] {
  const read = (code: unknown, at: Place) => readInteger(code, at, { from: 100, to: 599 })
  if (!Array.isArray(value)) return [read(value, place)]
  if (value.length === 0) unexpected(value, place, 'at least one status code', 'leave it out for 200')
  return readList(value, place, 'a list of status codes', read)
}

function readHeaders(value: unknown, place: Place): Readonly<Record<string, string>> {
  const headers = readEntries(value, place, 'headers by name')
  for (const [name, content] of headers) {
    if (!headerName.test(name))
      place.at(name).wrong('header-name', `'${name}' cannot be the name of a header`)
    if (typeof content !== 'string') unexpected(content, place.at(name), 'a text')
    else if (/[\0\r\n]/.test(content)) place.at(name).wrong('header-value', 'a header is one line')
  }
  return Object.fromEntries(headers.map(([name, content]) => [name, String(content)]))
}

function readSocket(value: unknown, place: Place): string {
  const path = readText(value, place, 'the path of a socket')
  if (path !== '' && !path.startsWith('/')) unexpected(value, place, 'an absolute path')
  return path
}
