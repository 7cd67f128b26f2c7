import fc from 'fast-check'
import * as v from 'valibot'
import { afterAll, beforeAll, expect } from 'vitest'
import { readMetadata } from '../../src/artifact/metadata.ts'
import { pythonRules } from '../../src/version/python-rules.ts'
import { fuzz } from './support/fuzz.ts'
import { type Host, Refused, startHost } from './support/host.ts'
import { byteEdits, edited } from './support/mutations.ts'

let host: Host
beforeAll(async () => {
  host = await startHost()
})
afterAll(() => host[Symbol.asyncDispose]())

const Headers = v.object({
  refused: v.optional(Refused),
  headers: v.record(v.string(), v.array(v.string())),
})

/** What lines of a PKG-INFO are made of, and what they should not be. */
const NAMES = [
  'Name',
  'Name',
  'Version',
  'Version',
  'Requires-Python',
  'Summary',
  'name',
  'VERSION',
  'Na me',
  '',
  'Nam\u00e9',
]
const COLONS = [':', ': ', ' : ', ':\t', ':\u00a0', ':\n ', '']
const VALUES = [
  'shop',
  'My.Shop',
  '1.0',
  '1.0rc1',
  ' 1.0 ',
  'v1',
  '>=3.9',
  '>=3.9,\n  <4',
  '',
  'x: y',
  'shop\u00a0',
  '\u2028shop',
]
const ENDS = [
  '\n',
  '\n',
  '\n',
  '\r\n',
  '\r',
  '\n\n',
  '\r\n\r\n',
  '\n \n',
  '\n\t',
  '\f',
  '\v',
  '\u0085',
  '\u2028',
  '\0',
  '',
]
const BEGINNINGS = [
  '',
  '',
  '',
  '\ufeff',
  '\n',
  'From ana\n',
  'Metadata-Version: 2.1\n',
  `X: ${'x'.repeat(70_000)}\n`,
]

const joined = (...parts: readonly (readonly string[])[]) =>
  fc.tuple(...parts.map(part => fc.constantFrom(...part))).map(texts => texts.join(''))

const content = fc
  .tuple(
    fc.constantFrom(...BEGINNINGS),
    fc.constantFrom('', 'Name: shop\n', ...Array.from({ length: 4 }, () => 'Name: shop\nVersion: 1.0\n')),
    fc.array(joined(NAMES, COLONS, VALUES, ENDS), { maxLength: 4 }),
    fc.constantFrom('', 'Name: shop\n', '\nVersion: 1.0\n'),
    byteEdits([], 1),
  )
  .map(([beginning, first, lines, last, edits]) =>
    edited(Buffer.from([beginning, first, ...lines, last].join('')), edits),
  )

/** What names a revision must be the same to the runner, to Python's own parser, and to the host. */
async function check(content: Buffer): Promise<void> {
  const { metadata, faults } = readMetadata(content.toString('utf8'), 'shop-1.0/PKG-INFO', pythonRules)
  if (metadata === undefined) {
    expect(faults.length).toBeGreaterThan(0)
    expect(faults.map(({ code }) => code)).toStrictEqual(faults.map(() => 'metadata'))
    return
  }
  const { name, version, requiresPython } = metadata
  const { refused, headers } = await host.ask(
    {
      ask: 'headers',
      content: content.toString('base64'),
      revision: `${name}-${version}`,
      names: ['Name', 'Version', 'Requires-Python'],
    },
    Headers,
  )
  expect({ name: headers['Name']?.map(spaced), refused }).toStrictEqual({ name: [name], refused: undefined })
  expect(headers['Version']?.map(text => pythonRules.normaliseVersion(spaced(text)))).toStrictEqual([version])
  expect(headers['Requires-Python']?.map(spaced) ?? []).toStrictEqual(
    requiresPython === undefined ? [] : [spaced(requiresPython)],
  )
}

/** A continued value may keep its line breaks, and around it anything blank may stand. */
const spaced = (text: string) => text.replace(/\s+/g, ' ').trim()

fuzz('metadata', 'a PKG-INFO names the same project and version to everybody who reads it', {
  inputs: content,
  check,
  read: bytes => bytes,
  write: bytes => bytes,
  batch: 100,
})
