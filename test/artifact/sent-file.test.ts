import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { sentFile } from '../../src/artifact/sent-file.ts'
import { mustRun } from '../support/run-program.ts'

const directory = await mkdtemp(join(tmpdir(), 'sent-file-'))
afterAll(() => rm(directory, { recursive: true }))

const never = new AbortController().signal

test('a file is known by its name, its size and its digest', async () => {
  const path = join(directory, 'pip-24.0-py3-none-any.whl')
  await writeFile(path, 'a wheel')
  await using sent = await sentFile(path, never)
  const sha256 = createHash('sha256').update('a wheel').digest('hex')
  expect(sent.files).toEqual([{ file: 'pip-24.0-py3-none-any.whl', bytes: 7, sha256 }])
})

test('what is sent is what was looked at, whatever has its name by then', async () => {
  const path = join(directory, 'replaced')
  await writeFile(path, 'first')
  await using sent = await sentFile(path, never)
  await writeFile(`${path}.new`, 'other')
  await rename(`${path}.new`, path)
  const chunks: Uint8Array[] = []
  for await (const chunk of sent.read(never)) chunks.push(chunk)
  expect(Buffer.concat(chunks).toString()).toBe('first')
})

test.each([
  ['is not there', 'it is not there', async () => undefined],
  ['is a directory', 'it is a directory, and not a file', (path: string) => mkdir(path)],
  [
    'is a pipe, which nobody writes to',
    'it is a named pipe, and not a file',
    (path: string) => mustRun(['mkfifo', path]),
  ],
])('one that %s is said', async (title, reason, make) => {
  const path = join(directory, title)
  await make(path)
  await expect(sentFile(path, never)).rejects.toMatchObject({ code: 'artifact', reason })
})
