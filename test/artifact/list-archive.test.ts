import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ARCHIVE_LIMITS } from '../../src/artifact/limits.ts'
import { listArchive } from '../../src/artifact/list-archive.ts'
import { packTar, type RawTarEntry } from '../support/tar-writer.ts'

const entry: fc.Arbitrary<RawTarEntry> = fc.record({
  path: fc
    .array(fc.constantFrom('a', 'bc', 'd\u00e9', 'x'.repeat(90)), { minLength: 1, maxLength: 4 })
    .map(p => p.join('/')),
  content: fc.uint8Array({ maxLength: 1500 }).map(bytes => Buffer.from(bytes)),
  longNames: fc.constantFrom('pax', 'gnu'),
})

test('an archive is listed alike however its bytes are cut into chunks', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(entry, { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 3000 })),
      async (entries, cuts) => {
        const listing = await listArchive(chunksOf(packTar(entries), cuts), ARCHIVE_LIMITS)
        expect(listing.unreadable).toBeUndefined()
        expect(listing.entries.map(({ path }) => path)).toEqual(entries.map(({ path }) => path))
        expect(listing.unpackedSize).toBe(
          entries.reduce((sum, { content }) => sum + (content?.length ?? 0), 0),
        )
      },
    ),
  )
})

test('an archive that is cut off anywhere is never taken for a whole one', async () => {
  const tar = packTar([
    { path: 'a', content: 'x'.repeat(700) },
    { path: 'y'.repeat(200), longNames: 'gnu' },
  ])
  const lastHeader = tar.length - 1024
  for (let length = 0; length <= lastHeader; length += 1) {
    const listing = await listArchive(chunksOf(tar.subarray(0, length), [512]), ARCHIVE_LIMITS)
    expect(listing.unreadable?.fault.code).toBe('damaged')
  }
})

async function* chunksOf(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  let position = 0
  for (const cut of cuts) {
    if (position >= bytes.length) return
    yield bytes.subarray(position, position + cut)
    position += cut
  }
  if (position < bytes.length) yield bytes.subarray(position)
}
