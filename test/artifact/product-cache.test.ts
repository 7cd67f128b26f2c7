import { createHash } from 'node:crypto'
import {
  chmod,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { whoWeAre } from '../../src/artifact/own-directory.ts'
import type { Product, Products } from '../../src/artifact/product.ts'
import { type CacheOptions, type ProductCache, productCache } from '../../src/artifact/product-cache.ts'
import { entryName } from '../../src/artifact/product-retention.ts'
import type { Builder } from '../../src/model/builder.ts'
import { digestOf, noon } from '../support/builders.ts'

let directory = ''
const warnings: string[] = []
const opened: ProductCache[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stage-products-'))
  warnings.length = 0
})

afterEach(async () => {
  for (const cache of opened.splice(0)) await cache[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

function aCache(
  limits?: CacheOptions['limits'],
  at: string | undefined = join(directory, 'cache'),
): ProductCache {
  const warn = (message: string) => void warnings.push(message.replaceAll(directory, 'DIR'))
  const cache = productCache(at, limits === undefined ? { warn } : { warn, limits })
  opened.push(cache)
  return cache
}

const id = (name: string) => digestOf(name)
const product = (file: string, content: string | Buffer): Product => ({
  file,
  bytes: content.length,
  sha256: digestOf(content.toString('latin1')),
})
const files = [product('a.whl', 'one'), product('b.whl', 'and two')]
const builder: Builder = { host: 'web1', stage: 'production', run: 'r1', atMs: noon }
const entry = (name: string, stage = 'production') => entryName(id(name), stage)
const path = (name: string, stage?: string) => join(directory, 'cache', entry(name, stage))
const names = async () => (await readdir(join(directory, 'cache'))).toSorted()

async function contentOf(products: Products | undefined): Promise<string> {
  if (products === undefined) return 'nothing'
  let text = ''
  for await (const chunk of products.read(new AbortController().signal)) text += Buffer.from(chunk).toString()
  return text
}

async function keep(cache: ProductCache, name: string, content = 'oneand two', list = files): Promise<void> {
  const arriving = await cache.begin(id(name), builder, list)
  await arriving.write(Buffer.from(content))
  await arriving.finish()
}

describe('where others could have put something', () => {
  const us = whoWeAre({})
  const guarded = () =>
    productCache(join(directory, 'cache'), { warn: message => void warnings.push(message), us })

  test('nothing is taken from there, and nothing kept: that is said', async () => {
    await keep(aCache(), 'x')
    await chmod(join(directory, 'cache'), 0o770)
    await using cache = guarded()
    expect(await cache.find(id('x'), 'production')).toBeUndefined()
    await keep(cache, 'y')
    expect(warnings).toEqual([
      expect.stringMatching(/: others can write to \S+; make \S+ yours alone \(chown, chmod 700\)/),
    ])
    expect(await names()).toEqual([entry('x')])
  })

  test('an entry that others can write to is not taken, in a directory of ours either', async () => {
    await keep(aCache(), 'x')
    await using cache = guarded()
    expect(await contentOf(await cache.find(id('x'), 'production'))).toBe('oneand two')
    await chmod(path('x'), 0o666)
    expect(await cache.find(id('x'), 'production')).toBeUndefined()
    expect(warnings).toEqual([expect.stringContaining('is not ours alone, and not used')])
  })

  test('a look makes no directory', async () => {
    await using cache = guarded()
    expect(await cache.find(id('x'), 'production')).toBeUndefined()
    expect(await readdir(directory)).toEqual([])
  })
})

describe('what was kept', () => {
  test('is found by another run, file by file', async () => {
    await keep(aCache(), 'x')
    const found = await aCache().find(id('x'), 'production')
    expect(found?.files).toEqual(files)
    expect(await contentOf(found)).toBe('oneand two')
  })

  test('is readable by its owner alone', async () => {
    await keep(aCache(), 'x')
    expect((await stat(join(directory, 'cache'))).mode & 0o777).toBe(0o700)
    expect((await stat(path('x'))).mode & 0o777).toBe(0o600)
  })

  test('is not found under another id', async () => {
    await keep(aCache(), 'x')
    expect(await aCache().find(id('y'), 'production')).toBeUndefined()
  })

  test('names who built it', async () => {
    await keep(aCache(), 'x')
    expect((await aCache().find(id('x'), 'production'))?.builder).toEqual(builder)
  })

  test('is kept for each stage that built, and found for that one alone', async () => {
    const cache = aCache()
    await keep(cache, 'x')
    const other = { ...builder, host: 's1', stage: 'staging' }
    const arriving = await cache.begin(id('x'), other, [product('a.whl', 'staged')])
    await arriving.write(Buffer.from('staged'))
    await arriving.finish()
    expect(await contentOf(await cache.find(id('x'), 'production'))).toBe('oneand two')
    expect(await contentOf(await cache.find(id('x'), 'staging'))).toBe('staged')
    expect(await cache.find(id('x'), 'dev')).toBeUndefined()
    await cache.forget(id('x'), 'staging')
    expect(await names()).toEqual([entry('x')])
  })

  test('is not found where its file was given the name of another stage', async () => {
    await keep(aCache(), 'x')
    await rename(path('x'), path('x', 'staging'))
    expect(await aCache().find(id('x'), 'staging')).toBeUndefined()
  })

  test('is not found where an earlier version of this tool kept it, which did not say who built', async () => {
    await keep(aCache(), 'x')
    const listing = JSON.stringify(files)
    const old = `${createHash('sha256').update(listing).digest('hex')}\n${listing}\noneand two`
    for (const name of [path('x'), join(directory, 'cache', `${id('x')}.products`)])
      await writeFile(name, old)
    expect(await aCache().find(id('x'), 'production')).toBeUndefined()
  })

  test('is looked for without writing: when it was used last is only told by its use', async () => {
    await keep(aCache(), 'x')
    const then = new Date(noon)
    await utimes(path('x'), then, then)
    const found = await aCache().find(id('x'), 'production')
    expect((await stat(path('x'))).mtime).toEqual(then)
    await found?.used()
    expect((await stat(path('x'))).mtimeMs).toBeGreaterThan(then.getTime())
  })

  test('is gone when it is forgotten', async () => {
    const cache = aCache()
    await keep(cache, 'x')
    await cache.forget(id('x'), 'production')
    expect(await cache.find(id('x'), 'production')).toBeUndefined()
  })

  test('can still be read when it is removed or replaced meanwhile', async () => {
    await keep(aCache(), 'x')
    const cache = aCache()
    const found = await cache.find(id('x'), 'production')
    await cache.forget(id('x'), 'production')
    expect(await contentOf(found)).toBe('oneand two')
  })
})

describe('a damaged entry', () => {
  const last = async () => (await readFile(path('x'))).length - 1

  test('is said, and never handed out, whichever byte it is', async () => {
    await keep(aCache(), 'x')
    const whole = await readFile(path('x'))
    for (let at = 0; at < whole.length; at++) {
      const damaged = Buffer.from(whole)
      damaged[at] = (damaged[at] ?? 0) ^ 1
      await writeFile(path('x'), damaged)
      expect(await aCache().find(id('x'), 'production'), `byte ${at}`).toBeUndefined()
    }
    expect(new Set(warnings)).toEqual(new Set([`DIR/cache/${entry('x')} was damaged: it is built again`]))
  })

  test.each([0, 1, 64, 100])('is not handed out where it ends after %d bytes', async length => {
    await keep(aCache(), 'x')
    await using file = await open(path('x'), 'r+')
    await file.truncate(length)
    expect(await aCache().find(id('x'), 'production')).toBeUndefined()
  })

  test('is not handed out where it ends a byte early, or goes on', async () => {
    for (const content of ['short', 'long'] as const) {
      await keep(aCache(), 'x')
      if (content === 'long') await writeFile(path('x'), 'x', { flag: 'a' })
      else {
        await using file = await open(path('x'), 'r+')
        await file.truncate(await last())
      }
      expect(await aCache().find(id('x'), 'production')).toBeUndefined()
    }
  })

  test('is not handed out where its list is well-formed and names a path', async () => {
    const hostile = [{ ...product('x', ''), file: '../../.ssh/authorized_keys' }]
    await keep(aCache(), 'x', '', hostile)
    expect(await aCache().find(id('x'), 'production')).toBeUndefined()
  })

  test('is no reason to fail where it is a directory or a link', async () => {
    await mkdir(path('x'), { recursive: true })
    expect(await aCache().find(id('x'), 'production')).toBeUndefined()
  })
})

describe('what arrives', () => {
  test('is read by everybody at a pace of his own, while it arrives', async () => {
    const arriving = await aCache().begin(id('x'), builder, files)
    const { signal } = new AbortController()
    const quick = arriving.read(signal)[Symbol.asyncIterator]()
    const slow = arriving.read(signal)
    const early = quick.next()
    await arriving.write(Buffer.from('one'))
    expect(Buffer.from((await early).value ?? '').toString()).toBe('one')
    const late = quick.next()
    await arriving.write(Buffer.from('and two'))
    expect(Buffer.from((await late).value ?? '').toString()).toBe('and two')
    await arriving.finish()
    expect((await quick.next()).done).toBe(true)
    expect(await contentOf({ files, read: () => slow })).toBe('oneand two')
  })

  test('is not in the cache before it is whole', async () => {
    const cache = aCache()
    const arriving = await cache.begin(id('x'), builder, files)
    await arriving.write(Buffer.from('one'))
    expect(await cache.find(id('x'), 'production')).toBeUndefined()
    await arriving.fail()
    expect(await names()).toEqual([])
  })

  test('stops its readers when it fails', async () => {
    const arriving = await aCache().begin(id('x'), builder, files)
    const reading = expect(contentOf(arriving)).rejects.toMatchObject({ code: 'interrupted' })
    await arriving.write(Buffer.from('one'))
    await arriving.fail()
    await reading
  })

  test('lets a reader go when his signal fires', async () => {
    const arriving = await aCache().begin(id('x'), builder, files)
    const stop = new AbortController()
    const next = arriving.read(stop.signal)[Symbol.asyncIterator]().next()
    stop.abort()
    await expect(next).rejects.toMatchObject({ code: 'interrupted' })
  })

  test.each([
    ['other bytes', 'oneAnd two'],
    ['too few', 'oneand tw'],
    ['too many', 'oneand two!'],
  ])('is refused with %s', async (_title, content) => {
    const cache = aCache()
    await expect(keep(cache, 'x', content)).rejects.toMatchObject({ code: 'remote-end' })
    expect(await names()).toEqual([])
  })

  test('goes with the run where nobody says where to keep it', async () => {
    const cache = aCache(undefined, undefined)
    const arriving = await productCache(undefined, { warn: () => undefined }).begin(id('x'), builder, files)
    await arriving.write(Buffer.from('oneand two'))
    await arriving.finish()
    expect(await contentOf(arriving)).toBe('oneand two')
    expect(await cache.find(id('x'), 'production')).toBeUndefined()
  })

  test('is there for this run where it cannot be kept, and that is said', async () => {
    await writeFile(join(directory, 'file'), '')
    const cache = aCache(undefined, join(directory, 'file/cache'))
    const arriving = await cache.begin(id('x'), builder, files)
    await arriving.write(Buffer.from('oneand two'))
    await arriving.finish()
    expect(await contentOf(arriving)).toBe('oneand two')
    expect(warnings).toEqual([
      "What is built for other hosts cannot be kept for later runs: ENOTDIR: not a directory, stat 'DIR/file/cache'; make DIR/file/cache yours alone (chown, chmod 700), or name another directory in XDG_CACHE_HOME",
    ])
  })

  test.each([
    ['in /proc', () => '/proc/1/.cache/stage-deploy/products'],
    ['among the files of a process', () => '/proc/self/fd/products'],
    ['below a file', () => join(directory, 'file', 'cache')],
  ])(
    'is looked at before anything is begun: %s nothing can be kept, and that is said once',
    async (_, at) => {
      await writeFile(join(directory, 'file'), '')
      const cache = aCache(undefined, at())
      await cache.prepare()
      const arriving = await cache.begin(id('x'), builder, files)
      await arriving.write(Buffer.from('oneand two'))
      await arriving.finish()
      expect(await contentOf(arriving)).toBe('oneand two')
      expect(warnings).toHaveLength(1)
      expect(warnings[0]).toMatch(/^What is built for other hosts cannot be kept for later runs: E/)
    },
  )

  test('leaves nothing where it was looked at', async () => {
    await aCache().prepare()
    expect([await names(), warnings]).toEqual([[], []])
  })

  test('is refused before anything is begun where there is no room for it at all', async () => {
    vi.stubEnv('TMPDIR', join(directory, 'none'))
    onTestFinished(() => void vi.unstubAllEnvs())
    await expect(aCache(undefined, '/proc/1/products').prepare()).rejects.toMatchObject({ code: 'artifact' })
  })
})

describe('a cache that is full', () => {
  const age = async (name: string, hours: number) => {
    const then = new Date(Date.now() - hours * 3_600_000)
    await utimes(path(name), then, then)
  }

  test('loses what was used longest ago', async () => {
    const limits = { bytes: 1_000_000, entries: 2 }
    await keep(aCache(limits), 'old')
    await age('old', 3)
    await keep(aCache(limits), 'used')
    await age('used', 4)
    await (await aCache().find(id('used'), 'production'))?.used()
    await keep(aCache(limits), 'new')
    expect(await names()).toEqual([entry('new'), entry('used')].toSorted())
  })

  test('keeps what was just built, however large it is', async () => {
    const limits = { bytes: 1, entries: 100 }
    await keep(aCache(limits), 'one')
    await age('one', 1)
    await keep(aCache(limits), 'two')
    expect(await names()).toEqual([entry('two')])
  })

  test('loses what a dead run left, and nothing that is not its own', async () => {
    const limits = { bytes: 1, entries: 1 }
    await keep(aCache(limits), 'x')
    const dead = join(directory, 'cache', `${id('d')}.products.0123456789abcdef.new`)
    const alive = join(directory, 'cache', `${id('e')}.products.0123456789abcdef.new`)
    for (const file of [dead, alive, join(directory, 'cache/notes')]) await writeFile(file, '')
    const then = new Date(Date.now() - 25 * 3_600_000)
    await utimes(dead, then, then)
    await keep(aCache(limits), 'x')
    expect(await names()).toEqual(
      [entry('x'), `${id('e')}.products.0123456789abcdef.new`, 'notes'].toSorted(),
    )
  })
})
