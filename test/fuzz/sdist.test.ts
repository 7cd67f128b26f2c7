import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import * as v from 'valibot'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ARCHIVE_LIMITS } from '../../src/artifact/limits.ts'
import { readSdist, type Sdist } from '../../src/artifact/read-sdist.ts'
import { scanSdist } from '../../src/artifact/scan-sdist.ts'
import { decodeText } from '../../src/artifact/tar-header.ts'
import { components } from '../../src/artifact/tree-faults.ts'
import { StageError } from '../../src/model/stage-error.ts'
import { pythonRules } from '../../src/version/python-rules.ts'
import { packTar } from '../support/tar-writer.ts'
import { fuzz } from './support/fuzz.ts'
import { type Host, Refused, startHost } from './support/host.ts'
import { paxTarballs, tarballs } from './support/tarballs.ts'

let host: Host
beforeAll(async () => {
  host = await startHost()
})
afterAll(() => host[Symbol.asyncDispose]())

/** Path, kind and content (a link's text) of what the host has unpacked, their bytes as characters of that number. */
const Tree = v.array(v.tuple([v.string(), v.string(), v.string()]))
const Begun = v.object({
  ok: v.optional(v.object({ files: v.number(), bytes: v.number(), tree: Tree })),
  refused: v.optional(Refused),
  changed: v.array(v.string()),
  seconds: v.number(),
})
type Begun = v.InferOutput<typeof Begun>

/** A hostile archive of a few kilobytes is refused at once, or it is unpacked at once. */
const MOST_SECONDS = 10

/**
 * What the runner may refuse though the host would not: it is stricter where two readers could understand different
 * things, it alone knows the name of the file, and it wants nothing behind the gzip data, not even zeros. Of all else the
 * two must think the same.
 */
const STRICTER = [
  'sdist-damaged',
  'sdist-duplicate',
  'sdist-link',
  'sdist-path',
  'sdist-malformed',
  'sdist-metadata',
  'sdist-file-name',
]

async function check(bytes: Buffer): Promise<void> {
  const file = join(host.folder, 'shop-1.0.tar.gz')
  await writeFile(file, bytes)
  const since = performance.now()
  const read = await readOnRunner(file)
  expect((performance.now() - since) / 1_000).toBeLessThan(MOST_SECONDS)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const revision = 'problems' in read ? 'shop-1.0' : read.revision
  const begun = await host.ask({ ask: 'begin', file, revision, sha256 }, Begun)
  expect(begun.changed).toStrictEqual([])
  expect(existsSync(OUTSIDE)).toBe(false)
  expect(begun.seconds).toBeLessThan(MOST_SECONDS)
  if ('problems' in read) agreesWithRefusal(read.problems, begun)
  else await agreesWithSdist(read, begun)
}

async function readOnRunner(file: string): Promise<Sdist | { readonly problems: readonly string[] }> {
  try {
    return await readSdist(file, pythonRules)
  } catch (error) {
    if (!(error instanceof StageError)) throw error
    expect(error).toMatchObject({ code: 'artifact', hint: expect.any(String) })
    expect(error.problems.length).toBeGreaterThan(0)
    return { problems: error.problems.map(({ code }) => code) }
  }
}

function agreesWithRefusal(problems: readonly string[], { ok, refused }: Begun): void {
  if (ok === undefined) expect(refused).toMatchObject({ code: 'archive' })
  else expect(problems.filter(code => !STRICTER.includes(code))).toStrictEqual([])
}

/** What was checked here must be what is unpacked there. */
async function agreesWithSdist(sdist: Sdist, { ok, refused }: Begun): Promise<void> {
  expect(refused).toBeUndefined()
  const { entries } = await scanSdist(sdist.path, ARCHIVE_LIMITS)
  const checked = entries.flatMap(({ path, kind, linkPath }) => {
    const [, ...below] = components(path)
    const shown = kind === 'symbolic link' ? linkPath : ''
    return below.length === 0
      ? []
      : [[below.join('/'), kind === 'hard link' ? 'file' : kind, shown].join(' ')]
  })
  const unpacked = (ok?.tree ?? []).map(([path, kind, content]) => {
    const shown = kind === 'l' ? textOf(content) : ''
    return [textOf(path), KINDS[kind] ?? kind, shown].join(' ')
  })
  const directories = unpacked.filter(line => line.endsWith(' directory '))
  // Directories need not be in the archive: a path through them is enough.
  expect(unpacked.filter(line => !directories.includes(line)).toSorted()).toStrictEqual(
    [...new Set(checked)].filter(line => !directories.includes(line)).toSorted(),
  )
}

const KINDS: Readonly<Record<string, string>> = { d: 'directory', f: 'file', x: 'file', l: 'symbolic link' }

const textOf = (bytes: string) => decodeText(Buffer.from(bytes, 'latin1'))

const asFile = { read: (bytes: Buffer) => bytes, write: (bytes: Buffer) => bytes }

/** An absolute name that archives try to write to. Anybody may make a file there. */
const OUTSIDE = '/tmp/stage-fuzz-outside'

fuzz('sdist', 'an archive is unpacked as it was checked, or refused; nothing is written outside', {
  inputs: tarballs(OUTSIDE),
  check,
  ...asFile,
  batch: 20,
})

/** 128 MiB of zeros: a gzip file may consist of several (RFC 1952, 2.2), so each MiB is compressed once. */
const PIECES = 128
const PIECE_BYTES = 1024 ** 2
const MOST_BYTES = 96 * 1024 ** 2

test('a small file that holds a lot costs neither side much memory', async () => {
  const file = { path: 'shop-1.0/zeros', size: PIECES * PIECE_BYTES }
  const info = { path: 'shop-1.0/PKG-INFO', content: 'Name: shop\nVersion: 1.0\n' }
  const zeros = gzipSync(Buffer.alloc(PIECE_BYTES))
  const headers = packTar([info, file]).subarray(0, -1024)
  const bytes = Buffer.concat([
    gzipSync(headers),
    ...Array.from({ length: PIECES }, () => zeros),
    gzipSync(Buffer.alloc(1024)),
  ])
  const before = process.resourceUsage().maxRSS
  // The host has its own limit (support/host.ts).
  await check(bytes)
  expect((process.resourceUsage().maxRSS - before) * 1024).toBeLessThan(MOST_BYTES)
})

fuzz('pax', 'extended headers mean the same to the runner and to the host', {
  inputs: paxTarballs(OUTSIDE),
  check,
  ...asFile,
  batch: 20,
})
