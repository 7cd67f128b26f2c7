import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type SharedFile, sharedFile } from '../../src/artifact/shared-file.ts'

const MiB = 1024 * 1024
const directory = await mkdtemp(join(tmpdir(), 'shared-file-'))
afterAll(() => rm(directory, { recursive: true }))

const content = randomBytes(8 * MiB + 5)
const path = join(directory, 'sdist')
await writeFile(path, content)

const never = new AbortController().signal
const readerOf = (file: SharedFile) => file.read(never)[Symbol.asyncIterator]()

async function whole(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}

test('every reader gets all of it', async () => {
  await using file = sharedFile(path)
  const read = await Promise.all([whole(file.read(never)), whole(file.read(never))])
  expect(read.map(bytes => bytes.equals(content))).toEqual([true, true])
})

test('readers that keep together are given the very same chunk, which was read once', async () => {
  await using file = sharedFile(path)
  const [one, other] = [readerOf(file), readerOf(file)]
  const first = await one.next()
  await one.next()
  expect((await other.next()).value).toBe(first.value)
})

test('a reader that falls behind reads for itself, and holds nothing for the others', async () => {
  await using file = sharedFile(path)
  const [fast, slow] = [readerOf(file), readerOf(file)]
  const first = await fast.next()
  while ((await fast.next()).done !== true);
  const late = await slow.next()
  expect(late.value).not.toBe(first.value)
  expect(late.value).toEqual(first.value)
})

test('a file that is not there is said to each reader; disposing of it is no error then', async () => {
  await using file = sharedFile(join(directory, 'nothing'))
  for (let reader = 0; reader < 2; reader += 1)
    await expect(whole(file.read(never))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a reader that is called off ends with it', async () => {
  await using file = sharedFile(path)
  await expect(whole(file.read(AbortSignal.abort()))).rejects.toMatchObject({ code: 'interrupted' })
})
