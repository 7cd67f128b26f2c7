import type { Event } from '../model/event.ts'
import { grouped } from './grouped.ts'
import { SHORTEST_PART, spellingsOf } from './secret-spellings.ts'

/** Replaces every secret in a text by its name in brackets. */
export type Redactor = (text: string) => string

/**
 * Keys whose values are words of this program, never text from outside. Replacing in them would change what an
 * event *is* to everybody who reads events.
 */
const fixedWords: ReadonlySet<string> = new Set(['type', 'phase', 'kind', 'intent', 'stream', 'severity'])

interface Hit {
  readonly from: number
  readonly to: number
  readonly name: string
}

interface Known {
  readonly text: string
  readonly name: string
}

/**
 * Makes the function that hides these secrets, in every spelling that is known (`secret-spellings`). Where they overlap in
 * a text they are hidden as one, so that no end of the shorter one is left over. A value that is shorter than 4 characters
 * is not hidden.
 *
 * @param secrets value by name
 */
export function createRedactor(secrets: ReadonlyMap<string, string>): Redactor {
  const known = [...secrets].flatMap(([name, value]) =>
    spellingsOf(value)
      .filter(text => text.length >= SHORTEST_PART)
      .map(text => ({ text, name })),
  )
  if (known.length === 0) return text => text
  const longestFirst = known.toSorted((a, b) => b.text.length - a.text.length)
  const byHead = grouped(longestFirst, ({ text }) => headOf(text, 0))
  const heads = anyOf([...byHead.keys()])
  return text => {
    const hits = hitsOf(text, heads, byHead)
    return hits.length === 0 ? text : replaced(text, hits)
  }
}

const headOf = (text: string, at: number): string => text.slice(at, at + SHORTEST_PART)

/**
 * Finds all that may be one of these heads: each unit is the unit in its place of any. It takes one and looks ahead to the
 * others, so that nothing is passed over. So one look at a text is enough for most, however many spellings there are.
 */
function anyOf(heads: readonly string[]): RegExp {
  const [first = '', ...others] = Array.from({ length: SHORTEST_PART }, (_, at) => {
    const units = new Set(heads.map(head => head.charCodeAt(at)))
    return `[${[...units].map(unit => `\\u${unit.toString(16).padStart(4, '0')}`).join('')}]`
  })
  return new RegExp(`${first}(?=${others.join('')})`, 'g')
}

function hitsOf(text: string, heads: RegExp, byHead: ReadonlyMap<string, readonly Known[]>): readonly Hit[] {
  const hits: Hit[] = []
  for (const { index: from } of text.matchAll(heads)) {
    const found = byHead.get(headOf(text, from))?.find(one => text.startsWith(one.text, from))
    if (found !== undefined) hits.push({ from, to: from + found.text.length, name: found.name })
  }
  return hits
}

/** Hits come by place, at each the longest; of those that overlap the first gives its name. */
function replaced(text: string, hits: readonly Hit[]): string {
  let result = ''
  let done = 0
  for (const hit of hits) {
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
