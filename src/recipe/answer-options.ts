import type { ExpectedAnswer } from '../model/step.ts'
import type { Place } from './place.ts'
import { described, readEntries, readInteger, readList, readText, unexpected } from './readers.ts'
import { whyNoPattern } from './why-no-pattern.ts'

type Scalar = string | number | boolean

/** Which answer to a probe is good. What is named here has to be so, all of it. */
export interface AnswerOptions {
  /** Status codes that are good. Default: 200. */
  readonly status?: number | readonly number[]
  /** A text that the body must contain. */
  readonly contains?: string
  /**
   * Regular expressions that must be found in the body. They are looked for by the host's Python: what JavaScript and
   * Python both understand can be used.
   */
  readonly matches?: string | readonly string[]
  /** Values in a body that is JSON, by their path: `{ 'build.version': '1.4.0' }`; of several one. */
  readonly json?: Readonly<Record<string, Scalar | readonly Scalar[]>>
  /** Headers of the answer by name, each with a text that it must contain. */
  readonly answerHeaders?: Readonly<Record<string, string>>
}

export const answerKeys = ['status', 'contains', 'matches', 'json', 'answerHeaders'] as const
type Fields = Readonly<Partial<Record<(typeof answerKeys)[number], unknown>>>

/** Which answer is good, its defaults filled in. */
export function readAnswer(fields: Fields, place: Place): ExpectedAnswer {
  const { status = [200], contains, matches = [], json = {}, answerHeaders = {} } = fields
  return {
    status: readStatus(status, place.at('status')),
    contains: contains === undefined ? undefined : readText(contains, place.at('contains')),
    matches: readPatterns(matches, place.at('matches')),
    json: readJson(json, place.at('json')),
    answerHeaders: readHeaders(answerHeaders, place.at('answerHeaders')),
  }
}

/** `token` of RFC 9110, 5.6.2: what the name of a header is made of. */
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

function readStatus(value: unknown, place: Place): readonly number[] {
  const read = (code: unknown, at: Place) => readInteger(code, at, { from: 100, to: 599 })
  if (!Array.isArray(value)) return [read(value, place)]
  if (value.length === 0) unexpected(value, place, 'at least one status code', 'leave it out for 200')
  return readList(value, place, 'a list of status codes', read)
}

/** Headers by name, each one line. */
export function readHeaders(value: unknown, place: Place): Readonly<Record<string, string>> {
  const headers = readEntries(value, place, 'headers by name')
  for (const [name, content] of headers) {
    if (!headerName.test(name))
      place.at(name).wrong('header-name', `'${name}' cannot be the name of a header`)
    if (typeof content !== 'string') unexpected(content, place.at(name), 'a text')
    else if (/[\0\r\n]/.test(content)) place.at(name).wrong('header-value', 'a header is one line')
  }
  return Object.fromEntries(headers.map(([name, content]) => [name, String(content)]))
}

function readPatterns(value: unknown, place: Place): readonly string[] {
  if (!Array.isArray(value)) return [readPattern(value, place)]
  return readList(value, place, 'a list of regular expressions', readPattern)
}

/** Python writes named groups as `(?P<name>…)`, and knows neither `\p{…}` nor `\k<…>`. */
const onlyJavaScript = /\(\?<[A-Za-z_$]|\\[pPk][{<]/

function readPattern(value: unknown, place: Place): string {
  const pattern = readText(value, place, 'a regular expression, as a text')
  try {
    new RegExp(pattern)
  } catch (error) {
    place.wrong('pattern', `this is no regular expression: ${whyNoPattern(error)}`)
  }
  if (onlyJavaScript.test(pattern))
    place.wrong('pattern', 'Python does not understand named groups, \\p and \\k as JavaScript writes them')
  return pattern
}

function readJson(value: unknown, place: Place): ExpectedAnswer['json'] {
  const entries = readEntries(value, place, 'values by their paths in the body')
  return Object.fromEntries(
    entries.map(([path, written]) => {
      const at = place.at(path)
      if (path.split('.').includes(''))
        at.wrong('json-path', `'${path}' is no path: it is made of keys with dots between`)
      return [
        path,
        Array.isArray(written) ? readList(written, at, '', readScalar) : [readScalar(written, at)],
      ]
    }),
  )
}

/** As text: what a body says and what a configuration says are compared as such. */
function readScalar(value: unknown, place: Place): string {
  if (typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return String(value)
  place.wrong('unexpected-value', `expected a text, a number, true or false, found ${described(value)}`)
  return ''
}
