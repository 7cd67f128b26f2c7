import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { packTar, paxRecords, type RawTarEntry, withChecksum } from '../../support/tar-writer.ts'
import { byteEdits, edited } from './mutations.ts'

const BLOCK_BYTES = 512

/** Where the fields of a header begin (POSIX pax, "ustar Header Block"). */
const FIELDS = [0, 100, 108, 116, 124, 136, 148, 156, 157, 257, 265, 297, 329, 337, 345]

const TYPES = ['0', '\0', '1', '2', '3', '4', '5', '6', '7', 'S', 'V', 'D', 'A', 'x', 'g', 'L', 'K', 'X']

const MODES = [0o644, 0o644, 0o644, 0o755, 0o755, 0o100, 0, 0o1777, 0o4755, 0o2755]

const PKG_INFO = 'Metadata-Version: 2.1\nName: shop\nVersion: 1.0\n'

/** What number fields hold in archives that nobody wrote well: no digits, signs, binary numbers, blanks. */
const NUMBERS = [
  'zzzz',
  '-1\0',
  '\u0080',
  '\u00ff\u00ff\u00ff',
  '00000644',
  '',
  ' 644 \0',
  '9\0',
  '+7\0',
  '1_0\0',
]

const component = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom('a', 'b', 'c', 'dé') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('.', '..', '', 'PKG-INFO', '.revision.json', '.build.log', 'shop-1.0', '.env'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('n'.repeat(60), 'n'.repeat(256), 'line\nbreak', '\u007f', ' ', 'a\\b'),
  },
)

const below = (top: string) =>
  fc.array(component, { minLength: 1, maxLength: 4 }).map(names => [top, ...names].join('/'))

/** @param outside the hostile absolute name: of a file that is not there */
function paths(outside: string): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 20, arbitrary: below('shop-1.0') },
    { weight: 1, arbitrary: below('./shop-1.0/') },
    {
      weight: 2,
      arbitrary: fc.constantFrom('./', '.', './/.', '/.', 'shop-1.0', 'shop-1.0/', 'other/a', '../a', ''),
    },
    { weight: 1, arbitrary: fc.constantFrom(outside, `/${outside}`, `${outside}/`) },
    {
      weight: 1,
      arbitrary: fc.integer({ min: 30, max: 210 }).map(depth => `shop-1.0/${'d/'.repeat(depth)}f`),
    },
  )
}

function targets(outside: string): fc.Arbitrary<string> {
  const climbing = fc
    .tuple(fc.integer({ min: 0, max: 4 }), fc.array(component, { maxLength: 3 }))
    .map(([up, names]) => [...Array.from({ length: up }, () => '..'), ...names].join('/'))
  return fc.oneof(climbing, paths(outside), fc.constant('x/'.repeat(2100)))
}

function entries(outside: string): fc.Arbitrary<RawTarEntry> {
  const path = paths(outside)
  const mode = fc.constantFrom(...MODES)
  const longNames = fc.constantFrom<'pax' | 'gnu'>('pax', 'gnu')
  const content = fc.constantFrom('', 'text', 'x'.repeat(600))
  const size = fc.constantFrom(0, 1, 512, 8 ** 11 - 1)
  const file = fc.record({ path, content, mode, longNames })
  const link = {
    path,
    type: fc.constantFrom('1', '2', '2', '5'),
    linkPath: targets(outside),
    mode,
    longNames,
  }
  const special = { path, type: fc.constantFrom(...TYPES), content, linkPath: path }
  return fc.oneof(
    { weight: 8, arbitrary: file },
    { weight: 8, arbitrary: fc.record(link) },
    { weight: 1, arbitrary: fc.record(special) },
    { weight: 1, arbitrary: fc.record({ path, content, size }) },
    { weight: 1, arbitrary: paxEntries(path) },
  )
}

/** Extended headers with what they may say, and with what they must not. */
function paxEntries(path: fc.Arbitrary<string>): fc.Arbitrary<RawTarEntry> {
  const keyword = fc.constantFrom(
    ...['path', 'linkpath', 'size', 'mtime', 'uid', 'gid', 'uname', 'comment', 'hdrcharset', 'charset'],
    ...['GNU.sparse.name', 'GNU.sparse.major', 'GNU.sparse.realsize', 'SCHILY.xattr.a', '', 'a b', 'é'],
  )
  const value = fc.oneof(
    path,
    fc.constantFrom('0', '4', '-1', '1e3', 'nan', 'BINARY', '', '1\0', 'x\ny', '１'),
  )
  const records = fc.dictionary(keyword, value, { maxKeys: 3 }).map(paxRecords)
  const content = fc
    .tuple(records, byteEdits(['1', '0', ' ', '=', '\n', '27 path=', 'size=9', '\0'], 2))
    .map(([bytes, edits]) => edited(bytes, edits))
  return fc.record({ path: fc.constant('x'), type: fc.constantFrom('x', 'x', 'x', 'g', 'X'), content })
}

/** A change to one block, most often to a field of a header, with or without a checksum that fits. */
interface BlockPatch {
  readonly block: number
  readonly offset: number
  readonly bytes: Buffer
  readonly fits: boolean
}

const patches: fc.Arbitrary<readonly BlockPatch[]> = fc.array(
  fc.record({
    block: fc.nat(20),
    offset: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...FIELDS) }, fc.nat(BLOCK_BYTES - 1)),
    bytes: fc.oneof(
      fc.constantFrom(...NUMBERS, ...TYPES).map(text => Buffer.from(text, 'latin1')),
      fc.uint8Array({ minLength: 1, maxLength: 12 }).map(bytes => Buffer.from(bytes)),
    ),
    fits: fc.integer({ min: 0, max: 4 }).map(roll => roll > 0),
  }),
  { maxLength: 3 },
)

function patched(tar: Buffer, changes: readonly BlockPatch[]): Buffer {
  const copy = Buffer.from(tar)
  for (const { block, offset, bytes, fits } of changes) {
    const start = (block % (tar.length / BLOCK_BYTES)) * BLOCK_BYTES
    const header = copy.subarray(start, start + BLOCK_BYTES)
    bytes.copy(header, offset)
    if (fits) withChecksum(header).copy(header)
  }
  return copy
}

/** Archives that are almost sound, and some that are: entries, then fields, then what gzip is made of. */
export function tarballs(outside: string): fc.Arbitrary<Buffer> {
  const members = fc.tuple(
    fc.array(entries(outside), { maxLength: 2 }),
    fc.array(entries(outside), { maxLength: 4 }),
  )
  return fc
    .tuple(members, rarely(3, patches), rarely(20, byteEdits([], 2)), tails)
    .map(([[before, after], blocks, edits, tail]) => {
      const info = { path: 'shop-1.0/PKG-INFO', content: PKG_INFO }
      return Buffer.concat([
        edited(gzipSync(patched(packTar([...before, info, ...after]), blocks)), edits),
        tail,
      ])
    })
}

/** One file behind extended headers of every kind, with sound headers around: what is read of them is all that counts. */
export function paxTarballs(outside: string): fc.Arbitrary<Buffer> {
  const header = paxEntries(below('shop-1.0'))
  return fc
    .tuple(fc.array(header, { minLength: 1, maxLength: 3 }), entries(outside))
    .map(([headers, entry]) =>
      gzipSync(packTar([{ path: 'shop-1.0/PKG-INFO', content: PKG_INFO }, ...headers, entry])),
    )
}

const tails = fc.oneof(
  { weight: 30, arbitrary: fc.constant(Buffer.alloc(0)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(Buffer.alloc(3), Buffer.from('x'), gzipSync(''), gzipSync('more')),
  },
)

/** Most of the time nothing: an archive with many faults shows only the first. */
function rarely<Item>(times: number, changes: fc.Arbitrary<readonly Item[]>): fc.Arbitrary<readonly Item[]> {
  return fc.oneof({ weight: times, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: changes })
}
