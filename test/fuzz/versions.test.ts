import fc from 'fast-check'
import * as v from 'valibot'
import { afterAll, beforeAll, expect } from 'vitest'
import { StageError } from '../../src/model/stage-error.ts'
import { channelOf } from '../../src/version/channel.ts'
import { compareVersions } from '../../src/version/compare.ts'
import { normaliseVersion, parseVersion } from '../../src/version/pep440.ts'
import { isSpecifier, satisfies } from '../../src/version/specifier.ts'
import { anyVersion } from '../version/any-version.ts'
import { fuzz } from './support/fuzz.ts'
import { type Host, startHost } from './support/host.ts'

let host: Host
beforeAll(async () => {
  host = await startHost()
})
afterAll(() => host[Symbol.asyncDispose]())

const Judged = v.object({
  ok: v.object({ normal: v.array(v.nullable(v.string())), orders: v.array(v.array(v.number())) }),
})

/** No version or specifier that somebody wrote takes a millisecond. */
const MOST_MS = 1_000

const PIECES = [
  ...[
    '1',
    '0',
    '01',
    '10',
    '.',
    '.',
    '-',
    '_',
    '!',
    '+',
    'a',
    'b',
    'c',
    'rc',
    'alpha',
    'pre',
    'preview',
    'post',
  ],
  ...[
    'r',
    'rev',
    'dev',
    'v',
    'V',
    'RC',
    'Post',
    ' ',
    '\t',
    '\n',
    '\u00a0',
    '\ufeff',
    '\u0085',
    '\0',
    'x',
    '*',
  ],
  ...['ı', 'ſ', 'K', '１', '٣', '²', '1e5', '0x1', '9007199254740993', '9'.repeat(400)],
]

const pieces = fc.array(fc.constantFrom(...PIECES), { maxLength: 10 }).map(texts => texts.join(''))

/** A version with something put in, left out or spelled otherwise: near enough to be taken for one. */
const almost = fc
  .tuple(anyVersion, fc.nat(30), fc.nat(2), fc.constantFrom('', ...PIECES))
  .map(([version, at, dropped, piece]) => version.slice(0, at) + piece + version.slice(at + dropped))

const text = fc.oneof(
  { weight: 3, arbitrary: anyVersion },
  { weight: 5, arbitrary: almost },
  { weight: 3, arbitrary: pieces },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  { weight: 1, arbitrary: fc.constantFrom('1.'.repeat(3_000), `1+${'a.'.repeat(3_000)}`, '1'.repeat(9_000)) },
)

const Texts = v.array(v.string())
const asJson = {
  read: (bytes: Buffer) => v.parse(Texts, JSON.parse(bytes.toString('utf8'))),
  write: (texts: readonly string[]) => Buffer.from(JSON.stringify(texts)),
}

/** Python reads no number beyond these digits unless it is told to (sys.set_int_max_str_digits). */
const MOST_DIGITS = 4_300

/** Python's white space and ours differ in what nobody writes; around a version it is cut off elsewhere. */
const isComparable = (version: string) =>
  /^[ -~\t\n\v\f\r]*$/.test(version) && !new RegExp(`\\d{${MOST_DIGITS}}`).test(version)

async function checkVersions(versions: readonly string[]): Promise<void> {
  const since = performance.now()
  const normal = versions.map(version => normaliseVersion(version))
  for (const [index, version] of versions.entries()) checkOne(version, normal[index])
  const sound = normal.filter(version => version !== undefined)
  const orders = sound.map(one => sound.map(other => compareVersions(one, other)))
  expect(performance.now() - since).toBeLessThan(MOST_MS)
  for (const [row, order] of orders.entries())
    for (const [column, sign] of order.entries()) expect(sign + (orders[column]?.[row] ?? 0)).toBe(0)
  const comparable = versions.filter(isComparable)
  const { ok } = await host.ask({ ask: 'versions', versions: comparable }, Judged)
  expect(comparable.map(version => normaliseVersion(version) ?? null)).toStrictEqual(ok.normal)
  expect(
    comparable.map(one =>
      comparable.map(other => (isVersion(one) && isVersion(other) ? compareVersions(one, other) : 0)),
    ),
  ).toStrictEqual(ok.orders)
}

const isVersion = (version: string) => parseVersion(version) !== undefined

function checkOne(version: string, normal: string | undefined): void {
  if (normal === undefined) {
    for (const use of [() => compareVersions(version, '1'), () => channelOf(version)])
      expect(errorOf(use)).toMatchObject({ name: 'StageError', code: 'version' })
    return
  }
  expect(normaliseVersion(normal)).toBe(normal)
  expect(normal).toMatch(/^[a-z0-9.!+]+$/)
  expect(compareVersions(version, normal)).toBe(0)
  expect(channelOf(version)).toBe(channelOf(normal))
}

function errorOf(use: () => unknown): unknown {
  try {
    return use()
  } catch (error) {
    return error
  }
}

fuzz('version', 'a text is a version to us when it is one to Python, with the same spelling and order', {
  inputs: fc.array(text, { minLength: 1, maxLength: 6 }),
  check: checkVersions,
  ...asJson,
  batch: 200,
})

const OPERATORS = ['===', '~=', '==', '!=', '<=', '>=', '<', '>', '=', '=>', '', '!', '^', '~']
const clause = fc
  .tuple(
    fc.constantFrom(...OPERATORS),
    fc.constantFrom('', ' ', '\u00a0', '\n'),
    text,
    fc.constantFrom('', '', '.*', ' ', ')', ';'),
  )
  .map(parts => parts.join(''))
const specifier = fc
  .tuple(fc.array(clause, { maxLength: 3 }), fc.constantFrom(',', ', ', ',,', ' ', '\n'))
  .map(([clauses, between]) => clauses.join(between))

/** @param texts a version, then a specifier */
function checkSpecifier(texts: readonly string[]): void {
  const [version = '', specifier = ''] = texts
  const since = performance.now()
  const isOne = isSpecifier(specifier)
  const answers = [true, false].map(prereleases =>
    errorOf(() => satisfies(version, specifier, { prereleases })),
  )
  expect(performance.now() - since).toBeLessThan(MOST_MS)
  for (const answer of answers) {
    if (isOne && isVersion(version)) expect(answer).toBeTypeOf('boolean')
    else if (answer instanceof StageError) expect(answer.code).toBe('version')
    else throw answer
  }
  if (!isOne || !isVersion(version)) return
  // What is left out because it is a pre-release is all that the option changes.
  if (answers[1] === true) expect(answers[0]).toBe(true)
  const opposites = { '==': '!=', '!=': '==' } as const
  for (const [operator, opposite] of Object.entries(opposites)) {
    const operand = new RegExp(`^\\s*${operator}(?!=)([^,]*)$`).exec(specifier)?.[1]
    if (operand === undefined) continue
    expect(satisfies(version, `${opposite}${operand}`, { prereleases: true })).toBe(answers[0] !== true)
  }
}

fuzz('specifier', 'a specifier allows or does not, or is an error; nothing else comes of it', {
  inputs: fc.tuple(fc.oneof({ weight: 5, arbitrary: anyVersion }, text), specifier),
  check: checkSpecifier,
  ...asJson,
  batch: 500,
})
