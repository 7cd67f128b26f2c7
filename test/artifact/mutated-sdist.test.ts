import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSdist } from '../../src/artifact/read-sdist.ts'
import { StageError } from '../../src/model/stage-error.ts'
import { pythonRules } from '../../src/version/python-rules.ts'
import { makeSdist } from '../support/make-sdist.ts'

let path = ''
beforeAll(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'mutated-sdist-')), 'shop-1.0.tar.gz')
})
afterAll(() => rm(join(path, '..'), { recursive: true }))

const long = `shop-1.0/${'long/'.repeat(30)}file`
const sound = makeSdist({
  name: 'shop',
  version: '1.0',
  entries: [
    { path: long, content: 'x' },
    { path: `${long}2`, content: 'y', longNames: 'gnu' },
    { path: 'shop-1.0/link', type: '2', linkPath: 'shop' },
  ],
})

/** Changes to bytes at places between 0 (the first) and 1 (the last), then a cut. */
const mutation = fc.record({
  changes: fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), { maxLength: 8 }),
  kept: fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, fc.double({ min: 0, max: 1, noNaN: true })),
})

test.each([
  ['the file', sound, (bytes: Buffer) => bytes],
  ['the archive in it', gunzipSync(sound), (bytes: Buffer) => gzipSync(bytes)],
])('whatever is changed in %s, it is read or it is refused with a reason', async (_, original, pack) => {
  await fc.assert(
    fc.asyncProperty(mutation, async ({ changes, kept }) => {
      const bytes = Buffer.from(original)
      for (const [place, value] of changes) bytes[Math.floor(place * (bytes.length - 1))] = value
      await writeFile(path, pack(bytes.subarray(0, Math.ceil(kept * bytes.length))))
      const result = await readSdist(path, pythonRules).catch((error: unknown) => error)
      if (result instanceof StageError) {
        expect(result.code).toBe('artifact')
        expect(result.problems.length).toBeGreaterThan(0)
      } else {
        expect(result).toMatchObject({ name: 'shop', version: '1.0', topLevel: 'shop-1.0' })
      }
    }),
    { numRuns: 400 },
  )
})
