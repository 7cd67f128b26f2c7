import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ARCHIVE_LIMITS } from '../../src/artifact/limits.ts'
import { scanSdist } from '../../src/artifact/scan-sdist.ts'
import { treeFaults } from '../../src/artifact/tree-faults.ts'
import { makeSdist } from '../support/make-sdist.ts'
import { packTar, paxRecords, type RawTarEntry } from '../support/tar-writer.ts'

/** Lists archives as the hosts' own reader does: path, kind, mode and target of every entry. */
const LIST = `
import json, sys, tarfile
def kind(m):
    names = {"file": m.isfile(), "directory": m.isdir(), "symbolic link": m.issym(), "hard link": m.islnk()}
    return next((name for name, is_it in names.items() if is_it), "other")
def listed(path):
    with tarfile.open(path, "r:gz") as archive:
        return [[m.name, kind(m), m.mode, m.linkname if m.issym() or m.islnk() else ""] for m in archive]
for path in sys.stdin.read().split():
    try:
        print(json.dumps(listed(path)))
    except Exception as error:
        print(json.dumps(str(error)))
`

const name = fc.constantFrom('a', 'b', 'd\u00e9', 'line\nbreak', 'n'.repeat(60), '.', '..', '')
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map(names => ['shop-1.0', ...names].join('/'))
const content = fc.constantFrom('', 'text', 'x'.repeat(600))
const longNames = fc.constantFrom<'pax' | 'gnu'>('pax', 'gnu')
const entry: fc.Arbitrary<RawTarEntry> = fc.oneof(
  fc.record({ path, content, longNames }),
  fc.record({ path, type: fc.constantFrom('1', '2', '5', '7', '\0'), linkPath: path, longNames }),
  fc.record({
    path: fc.constant('x'),
    type: fc.constantFrom('x', 'g'),
    content: fc
      .dictionary(
        fc.constantFrom('path', 'linkpath', 'size', 'comment', 'mtime', 'GNU.sparse.name'),
        fc.oneof(path, fc.constant('0')),
        { maxKeys: 2 },
      )
      .map(paxRecords),
  }),
)
const change = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255))

function archives(): readonly Buffer[] {
  const sound = fc.sample(fc.array(entry, { maxLength: 5 }), 400).map(packTar)
  const base = gunzipSync(makeSdist({ name: 'shop', version: '1.0' }))
  const changed = fc.sample(fc.array(change, { minLength: 1, maxLength: 3 }), 400).map(changes => {
    const bytes = Buffer.from(base)
    for (const [place, value] of changes) bytes[Math.floor(place * (bytes.length - 1))] = value
    return bytes
  })
  return [...sound, ...changed].map(tar => gzipSync(tar))
}

test('an archive that is not refused holds what the tarfile module of Python finds in it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'as-python-'))
  try {
    const paths = await Promise.all(
      archives().map(async (bytes, index) => {
        const file = join(directory, `${index}.tar.gz`)
        await writeFile(file, bytes)
        return file
      }),
    )
    const output = execFileSync('python3', ['-I', '-c', LIST], {
      input: paths.join('\n'),
      maxBuffer: 64 * 1024 ** 2,
    })
    const seenByPython = output.toString().trimEnd().split('\n')
    let accepted = 0
    for (const [index, file] of paths.entries()) {
      const { entries, unreadable } = await scanSdist(file, ARCHIVE_LIMITS)
      if (unreadable !== undefined || treeFaults(entries).length > 0) continue
      accepted += 1
      const ours = entries.map(({ path, kind, mode, linkPath }) => [
        path.replace(/\/+$/, ''),
        kind,
        mode,
        kind.endsWith('link') ? linkPath : '',
      ])
      const theirs: unknown = JSON.parse(seenByPython[index] ?? '')
      expect({ file: (await readFile(file)).toString('base64'), entries: theirs }).toMatchObject({
        entries: ours,
      })
    }
    // Otherwise this would prove nothing.
    expect(accepted).toBeGreaterThan(50)
  } finally {
    await rm(directory, { recursive: true })
  }
})
