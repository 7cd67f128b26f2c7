import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Event } from '../../src/model/event.ts'
import { failed, unknown } from '../../src/model/outcome.ts'
import { createRedactor, redactEvent } from '../../src/report/redact.ts'
import { SHORTEST_PART } from '../../src/report/secret-spellings.ts'
import { aProblem, at, liveOn } from './builders.ts'

const hiding = (secrets: Record<string, string>) => createRedactor(new Map(Object.entries(secrets)))

test('a secret is replaced by its name wherever it stands', () => {
  expect(hiding({ TOKEN: 's3cret' })('url=https://u:s3cret@host s3cret')).toBe(
    'url=https://u:[TOKEN]@host [TOKEN]',
  )
})

test('of two secrets that begin alike, the longer one is hidden whole', () => {
  expect(hiding({ SHORT: 'pass', LONG: 'password' })('password pass')).toBe('[LONG] [SHORT]')
})

test('secrets that overlap leave no end behind', () => {
  expect(hiding({ A: 'abcdef', B: 'defghi' })('xabcdefghiy')).toBe('x[A]y')
})

test('a secret is found as JSON and as a URL spell it', () => {
  const redact = hiding({ TOKEN: 'a"b/c d' })
  expect(redact('{"token":"a\\"b/c d"}')).toBe('{"token":"[TOKEN]"}')
  expect(redact('?token=a%22b%2Fc%20d')).toBe('?token=[TOKEN]')
})

test('a secret of several lines is hidden line by line, as output brings it', () => {
  const redact = hiding({ KEY: '-----BEGIN KEY-----\r\nMIIEpAIBAAK\n  indented\n' })
  expect(redact('MIIEpAIBAAK')).toBe('[KEY]')
  expect(redact('read:   indented')).toBe('read:   [KEY]')
})

test('the password of every URL of a list is hidden by itself', () => {
  const URLS = [1, 2, 3].map(number => `https://ana:hunter${number}@h${number}/`).join(' ')
  expect(hiding({ URLS })('hunter1 hunter2 hunter3')).toBe('[URLS] [URLS] [URLS]')
})

test('a value too short to be told from ordinary text stays', () => {
  expect(hiding({ PIN: '123' })('exit 123')).toBe('exit 123')
})

test('no text holds a secret after it was redacted', () => {
  const secret = fc
    .string({ minLength: SHORTEST_PART, unit: 'grapheme-ascii' })
    .filter(s => !/[[\]S]/.test(s))
  fc.assert(
    fc.property(fc.array(secret, { minLength: 1, maxLength: 4 }), fc.array(fc.nat(8)), (values, order) => {
      const text = order.map(index => values[index % values.length] ?? '').join('-')
      const redacted = hiding(Object.fromEntries(values.map((value, index) => [`S${index}S`, value])))(text)
      expect(values.filter(value => redacted.includes(value))).toEqual([])
    }),
  )
})

test('every text of an event is redacted; the names of its fields and the words of this program are not', () => {
  const redact = hiding({ WORD: 'problem', WHY: 'because', HOST: 'web1' })
  const problem = aProblem('web1: link', 'a problem because', { hint: 'because of it' })
  expect(redactEvent(at(0).problem(problem), redact)).toEqual({
    type: 'problem',
    atMs: at(0).problem(problem).atMs,
    problem: {
      code: 'root',
      where: '[HOST]: link',
      message: 'a [WORD] [WHY]',
      hint: '[WHY] of it',
      severity: 'error',
    },
  })
})

test('a host is called the same where its name is a key', () => {
  const event = at(0).runFinished(0, { web1: liveOn('shop-1.4.0') })
  expect(redactEvent(event, hiding({ HOST: 'web1' }))).toEqual({
    ...event,
    hosts: { '[HOST]': liveOn('shop-1.4.0') },
  })
})

const SECRET = 'it\'s "s3cret" & more'
/** As a program, a host or whoever holds a lock may write it. */
const spelt = [
  SECRET,
  JSON.stringify(SECRET),
  encodeURIComponent(SECRET),
  'it&#x27;s &quot;s3cret&quot; &amp; more',
].join(' ')
const outcome = failed(spelt)

/** One event of each kind, the secret in each of its texts. The type sees to it that none is left out. */
const events: { readonly [Type in Event['type']]: Event & { readonly type: Type } } = {
  'run-started': {
    type: 'run-started',
    atMs: 0,
    run: spelt,
    intent: 'deploy',
    project: spelt,
    stage: spelt,
    revision: spelt,
    hosts: [spelt],
  },
  'host-connected': { type: 'host-connected', atMs: 0, host: spelt, durationMs: 1 },
  'phase-started': { type: 'phase-started', atMs: 0, phase: 'verify', hosts: [spelt] },
  'phase-finished': { type: 'phase-finished', atMs: 0, phase: 'verify', durationMs: 1 },
  'step-started': { type: 'step-started', atMs: 0, host: spelt, step: spelt, title: spelt },
  waiting: { type: 'waiting', atMs: 0, host: spelt, step: spelt, for: spelt },
  progress: { type: 'progress', atMs: 0, host: spelt, step: spelt, done: 1, total: 2 },
  output: { type: 'output', atMs: 0, host: spelt, step: spelt, stream: 'stdout', line: spelt },
  'step-finished': {
    type: 'step-finished',
    atMs: 0,
    host: spelt,
    step: spelt,
    title: spelt,
    outcome,
    durationMs: 1,
  },
  'command-finished': { type: 'command-finished', atMs: 0, host: spelt, outcome, code: 1, durationMs: 1 },
  switched: { type: 'switched', atMs: 0, host: spelt, from: spelt, to: spelt, at: spelt },
  'put-back': { type: 'put-back', atMs: 0, host: spelt, to: spelt, outcome: unknown(spelt) },
  kept: { type: 'kept', atMs: 0, host: spelt, live: spelt },
  rejected: { type: 'rejected', atMs: 0, host: spelt, revision: spelt, reason: spelt },
  notice: {
    type: 'notice',
    atMs: 0,
    host: spelt,
    message: `production is locked by ana from ${spelt}: ${spelt}`,
  },
  problem: { type: 'problem', atMs: 0, problem: aProblem(spelt, spelt, { hint: spelt }) },
  'run-finished': {
    type: 'run-finished',
    atMs: 0,
    exit: 5,
    summary: spelt,
    hosts: { [spelt]: liveOn(spelt, outcome) },
    durationMs: 1,
  },
}

test.each(Object.values(events))('an event $type holds no secret in any spelling', event => {
  const shown = JSON.stringify(redactEvent(event, hiding({ TOKEN: SECRET })))
  expect(shown).not.toMatch(/s3cret|more/)
  expect(JSON.parse(shown)).toMatchObject({ type: event.type, atMs: 0 })
})
