import type { Event } from '../model/event.ts'

/** Replaces every secret in a text by its name in brackets. */
export type Redactor = (text: string) => string

/**
 * Values and lines shorter than this are not replaced: they are found in ordinary words and numbers all the time,
 * so the output would be unreadable and would tell by its gaps what the value is.
 */
export const SHORTEST_SECRET = 4

/**
 * Keys whose values are words of this program, never text from outside. Replacing in them would change what an
 * event *is* to everybody who reads events.
 */
const fixedWords: ReadonlySet<string> = new Set(['type', 'phase', 'kind', 'intent', 'stream', 'severity'])

interface Spelling {
  readonly text: string
  readonly name: string
}

interface Hit {
  readonly from: number
  readonly to: number
  readonly name: string
}

/**
 * Makes the function that hides these secrets. A value is found as it is, as JSON and a URL spell it, and, where it
 * has several lines, line by line, since output arrives in lines; of URLs each password is found by itself. Values that
 * overlap in a text are hidden as one, so that no end of the shorter one is left over. What a program makes of a value
 * (Base64, a digest) is not known here and not found.
 *
 * @param secrets value by name
 */
export function createRedactor(secrets: ReadonlyMap<string, string>): Redactor {
  const spellings = [...secrets].flatMap(([name, value]) => spellingsOf(name, value))
  const longestFirst = spellings.toSorted((a, b) => b.text.length - a.text.length)
  return text => {
    const hits = longestFirst.flatMap(spelling => hitsOf(spelling, text))
    return hits.length === 0 ? text : replaced(text, hits)
  }
}

function spellingsOf(name: string, value: string): readonly Spelling[] {
  const lines = value.split(/\r\n|[\r\n]/)
  const parts = [value, ...passwordsIn(value), ...(lines.length > 1 ? lines.map(line => line.trim()) : [])]
  const texts = new Set(parts.flatMap(part => [part, asJson(part), asUrl(part)]))
  return [...texts].filter(text => text.length >= SHORTEST_SECRET).map(text => ({ text, name }))
}

/** The password of a URL, of each where there are several: programs that hide it print the rest, and others print it alone. */
const passwordsIn = (value: string): readonly string[] =>
  [...value.matchAll(/:\/\/[^/?#\s:@]*:([^/?#\s@]+)@/g)].map(([, password = '']) => password)

const asJson = (text: string): string => JSON.stringify(text).slice(1, -1)
// A lone surrogate has no URL spelling (encodeURIComponent throws), so it is left as it is.
const asUrl = (text: string): string => (/\p{Surrogate}/u.test(text) ? text : encodeURIComponent(text))

function hitsOf({ text: secret, name }: Spelling, text: string): readonly Hit[] {
  const hits: Hit[] = []
  for (let from = text.indexOf(secret); from !== -1; from = text.indexOf(secret, from + 1)) {
    hits.push({ from, to: from + secret.length, name })
  }
  return hits
}

/** Hits come longest first; of those that overlap, the first by place gives its name, at equal places the longest. */
function replaced(text: string, hits: readonly Hit[]): string {
  let result = ''
  let done = 0
  for (const hit of hits.toSorted((a, b) => a.from - b.from)) {
    if (hit.from >= done) result += `${text.slice(done, hit.from)}[${hit.name}]`
    done = Math.max(done, hit.to)
  }
  return result + text.slice(done)
}

/**
 * The same event with every secret in any of its texts replaced. The names of its fields and the words of this
 * program stay; the names of hosts, where they are keys, are texts like any other.
 */
export function redactEvent(event: Event, redact: Redactor): Event {
  return redactedFields(event, redact)
}

// The shape stays as it is, only texts change: that is why what comes back has the type of what went in.
function redactedFields<T extends object>(fields: T, redact: Redactor): T {
  const entries = Object.entries(fields).map(([key, value]) => {
    if (fixedWords.has(key)) return [key, value]
    return [key, key === 'hosts' ? redactedByHost(value, redact) : redacted(value, redact)]
  })
  return Object.fromEntries(entries)
}

function redactedByHost(hosts: unknown, redact: Redactor): unknown {
  if (Array.isArray(hosts) || typeof hosts !== 'object' || hosts === null) return redacted(hosts, redact)
  return Object.fromEntries(
    Object.entries(hosts).map(([host, value]) => [redact(host), redacted(value, redact)]),
  )
}

function redacted(value: unknown, redact: Redactor): unknown {
  if (typeof value === 'string') return redact(value)
  if (Array.isArray(value)) return value.map(item => redacted(item, redact))
  if (typeof value === 'object' && value !== null) return redactedFields(value, redact)
  return value
}
