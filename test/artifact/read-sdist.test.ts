import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ARCHIVE_LIMITS } from '../../src/artifact/limits.ts'
import { readSdist } from '../../src/artifact/read-sdist.ts'
import { StageError } from '../../src/model/stage-error.ts'
import { pythonRules } from '../../src/version/python-rules.ts'
import { makeSdist, type SdistOptions, writeSdist } from '../support/make-sdist.ts'
import { packTar, packTarGz, paxRecords, type RawTarEntry, withChecksum } from '../support/tar-writer.ts'

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'read-sdist-'))
})
afterAll(() => rm(directory, { recursive: true }))

const shop = { name: 'shop', version: '1.0' }

describe('what an sdist says about itself', () => {
  test('name, version, hash, sizes and directory are read from the archive', async () => {
    const path = await writeSdist(directory, { ...shop, pkgInfo: { 'Requires-Python': '>=3.9' } })
    const bytes = makeSdist({ ...shop, pkgInfo: { 'Requires-Python': '>=3.9' } })
    expect(await readSdist(path, pythonRules)).toEqual({
      path,
      fileName: 'shop-1.0.tar.gz',
      name: 'shop',
      version: '1.0',
      revision: 'shop-1.0',
      requiresPython: '>=3.9',
      sha256: createHash('sha256').update(bytes).digest('hex'),
      size: bytes.length,
      unpackedSize: 434,
      topLevel: 'shop-1.0',
      directories: ['shop'],
      files: ['PKG-INFO', 'pyproject.toml', 'shop/__init__.py', 'test_package.py'],
    })
  })

  test('the revision has the name as PKG-INFO spells it and the version in normal form', async () => {
    const sdist = await read('My.Shop-1.0-1.tar.gz', makeSdist({ name: 'My.Shop', version: '1.0-1' }))
    expect(sdist).toMatchObject({ revision: 'My.Shop-1.0.post1', requiresPython: undefined })
  })

  test.each([
    ['my_shop-1.0.tar.gz', 'My.Shop', '1.0'],
    ['my-shop-1.0.tar.gz', 'my_shop', '1.0'],
    ['My.Shop-1.0-1.tar.gz', 'My.Shop', '1.0.post1'],
    ['My.Shop-1.0-1.tar.gz', 'My.Shop-1.0', '1'],
    ['shop-1.0rc1.tar.gz', 'shop', '1.0.rc.1'],
    ['shop-1.0.0.tar.gz', 'shop', '1.0'],
  ])('%s may be the file of %s %s', async (fileName, name, version) => {
    expect(await read(fileName, makeSdist({ name, version }))).toMatchObject({ name })
  })

  test('long paths are read as pax and as GNU tar write them', async () => {
    const long = `shop-1.0/${'long/'.repeat(30)}file`
    for (const longNames of ['pax', 'gnu'] as const) {
      const entries = [
        { path: long, longNames },
        { path: 'shop-1.0/link', type: '2', linkPath: 'long/'.repeat(30), longNames },
      ]
      expect(await read('shop-1.0.tar.gz', makeSdist({ ...shop, entries }))).toMatchObject({
        revision: 'shop-1.0',
      })
    }
  })

  test('the comment that git archive puts before the entries means nothing', async () => {
    const comment = { path: 'pax_global_header', type: 'g', content: paxRecords({ comment: '4f2c9ab' }) }
    const tar = Buffer.concat([packTar([comment]).subarray(0, 1024), gunzipSync(makeSdist(shop))])
    expect(await read('shop-1.0.tar.gz', gzipSync(tar))).toMatchObject({ revision: 'shop-1.0' })
  })

  test('an archive made in the directory itself, with ./ before every path, is read alike', async () => {
    const entries = [{ path: './', type: '5' }]
    expect(
      await read('shop-1.0.tar.gz', makeSdist({ ...shop, topLevel: './shop-1.0', entries })),
    ).toMatchObject({
      topLevel: 'shop-1.0',
    })
  })

  test('a directory may come twice, and links may stay inside', async () => {
    const entries = [
      { path: 'shop-1.0/docs/', type: '5' },
      { path: 'shop-1.0/docs', type: '5' },
      { path: 'shop-1.0/docs/README', type: '2', linkPath: '../pyproject.toml' },
      { path: 'shop-1.0/latest', type: '2', linkPath: 'docs' },
      { path: 'shop-1.0/copy', type: '1', linkPath: 'shop-1.0/pyproject.toml' },
    ]
    expect(await read('shop-1.0.tar.gz', makeSdist({ ...shop, entries }))).toMatchObject({
      revision: 'shop-1.0',
    })
  })
})

describe('modes', () => {
  test('set-id and sticky bits of directories, and the modes of links, mean nothing', async () => {
    const entries = [
      { path: 'shop-1.0/group', type: '5', mode: 0o2755 },
      { path: 'shop-1.0/user', type: '5', mode: 0o4755 },
      { path: 'shop-1.0/sticky', type: '5', mode: 0o1777 },
      { path: 'shop-1.0/text', content: 'text', mode: 0o1644 },
      { path: 'shop-1.0/link', type: '2', linkPath: 'text', mode: 0o6777 },
    ]
    expect(await read('shop-1.0.tar.gz', makeSdist({ ...shop, entries }))).toMatchObject({
      revision: 'shop-1.0',
    })
  })
})

describe('what is refused', () => {
  test.each<[string, readonly RawTarEntry[], string]>([
    ['..', [{ path: 'shop-1.0/../../evil' }], '"shop-1.0/../../evil" leads out of the archive with ".."'],
    [
      '.. that comes back',
      [{ path: 'shop-1.0/a/../b' }],
      '"shop-1.0/a/../b" leads out of the archive with ".."',
    ],
    ['an absolute path', [{ path: '/etc/passwd' }], '"/etc/passwd" is an absolute path'],
    [
      'an absolute path in a pax header',
      [{ path: 'x', type: 'x', content: paxRecords({ path: '/etc/passwd' }) }, { path: 'shop-1.0/harmless' }],
      '"/etc/passwd" is an absolute path',
    ],
    [
      'a line break that hides a path from a careless reader of pax headers',
      [
        { path: 'x', type: 'x', content: paxRecords({ path: 'shop-1.0/a\n/../../../evil' }) },
        { path: 'shop-1.0/b' },
      ],
      '"shop-1.0/a\\n/../../../evil" leads out of the archive with ".."',
    ],
    [
      'a line break in a path',
      [{ path: 'shop-1.0/a\nb', content: 'x' }],
      '"shop-1.0/a\\nb" contains a line break',
    ],
    [
      'a verdict that it brings along',
      [{ path: 'shop-1.0/.revision.json', content: '{}' }],
      '"shop-1.0/.revision.json" has a name that is made on the host',
    ],
    [
      'a file below the name of the verdict',
      [{ path: 'shop-1.0/.revision.json/x' }],
      '"shop-1.0/.revision.json/x" has a name that is made on the host',
    ],
    [
      'a symbolic link out of the tree',
      [{ path: 'shop-1.0/up', type: '2', linkPath: '..' }],
      '"shop-1.0/up" is a link to "..", which leads out of the tree',
    ],
    [
      'an absolute symbolic link',
      [{ path: 'shop-1.0/etc', type: '2', linkPath: '/etc' }],
      '"shop-1.0/etc" is a link to "/etc", which is absolute',
    ],
    [
      'a symbolic link that climbs after another one',
      [
        { path: 'shop-1.0/here', type: '2', linkPath: '.' },
        { path: 'shop-1.0/out', type: '2', linkPath: 'here/..' },
      ],
      '"shop-1.0/out" is a link to "here/..", which has ".." after a name',
    ],
    [
      'a file put through a symbolic link',
      [{ path: 'shop-1.0/docs', type: '2', linkPath: 'shop' }, { path: 'shop-1.0/docs/evil' }],
      '"shop-1.0/docs/evil" goes through "shop-1.0/docs", which is no directory',
    ],
    [
      'a hard link out of the archive',
      [{ path: 'shop-1.0/passwd', type: '1', linkPath: '/etc/passwd' }],
      '"shop-1.0/passwd" is a link to "/etc/passwd", which is no file that the archive has before it',
    ],
    [
      'a hard link to what is not in the archive',
      [{ path: 'shop-1.0/x', type: '1', linkPath: '../other-1.0/x' }],
      '"shop-1.0/x" is a link to "../other-1.0/x", which is no file that the archive has before it',
    ],
    ['a device', [{ path: 'shop-1.0/null', type: '3' }], '"shop-1.0/null" is a character device'],
    ['a disk', [{ path: 'shop-1.0/sda', type: '4' }], '"shop-1.0/sda" is a block device'],
    ['a pipe', [{ path: 'shop-1.0/pipe', type: '6' }], '"shop-1.0/pipe" is a pipe'],
    [
      'a sparse file',
      [{ path: 'shop-1.0/s', type: 'S' }],
      '"shop-1.0/s" has the type "S", which an sdist has no use for',
    ],
    [
      'a sparse file in a pax header, which renames it',
      [
        { path: 'x', type: 'x', content: paxRecords({ 'GNU.sparse.name': '../evil' }) },
        { path: 'shop-1.0/s' },
      ],
      'the archive has a sparse file, which an sdist has no use for',
    ],
    [
      'a set-user-id bit',
      [{ path: 'shop-1.0/su', mode: 0o4755 }],
      '"shop-1.0/su" has a set-id bit (mode 4755)',
    ],
    [
      'a set-group-id bit',
      [{ path: 'shop-1.0/sg', mode: 0o2755 }],
      '"shop-1.0/sg" has a set-id bit (mode 2755)',
    ],
    [
      'a set-user-id bit of a hard link',
      [{ path: 'shop-1.0/h', type: '1', linkPath: 'shop-1.0/PKG-INFO', mode: 0o4755 }],
      '"shop-1.0/h" has a set-id bit (mode 4755)',
    ],
    [
      'a second PKG-INFO',
      [{ path: 'shop-1.0/PKG-INFO', content: 'x' }],
      '"shop-1.0/PKG-INFO" is in the archive twice',
    ],
    [
      'a file that becomes a directory',
      [{ path: 'shop-1.0/PKG-INFO', type: '5' }],
      '"shop-1.0/PKG-INFO" is in the archive twice, as a file and as a directory',
    ],
    [
      'a second top-level directory',
      [{ path: 'other-1.0/setup.py' }],
      'the archive has 2 names at its top level and not one directory: "shop-1.0", "other-1.0"',
    ],
    [
      'a file with the name of a directory',
      [{ path: 'shop-1.0/d/' }],
      '"shop-1.0/d/" is a file with the name of a directory',
    ],
    [
      'content in a link',
      [{ path: 'shop-1.0/l', type: '2', linkPath: 'shop', content: 'x' }],
      '"shop-1.0/l" is a symbolic link with content',
    ],
    ['an entry without a name', [{ path: '' }], '"" is no name for an entry'],
    ['a name beyond NAME_MAX', [{ path: `shop-1.0/${'x'.repeat(256)}` }], 'is too long or too deep'],
    [
      'a symbolic link to more than a path can be',
      [{ path: 'shop-1.0/l', type: '2', linkPath: 'x/'.repeat(2100) }],
      'which is longer than a path may be',
    ],
    ['a path beyond PATH_MAX', [{ path: `shop-1.0/${'x'.repeat(5000)}` }], 'is too long or too deep'],
    [
      'one path for all entries',
      [{ path: 'x', type: 'g', content: paxRecords({ path: 'shop-1.0/x' }) }],
      'the archive gives all its entries the same path, link or size',
    ],
    [
      'two long names for one entry',
      [
        { path: 'x', type: 'L', content: 'shop-1.0/a\0' },
        { path: 'x', type: 'x', content: paxRecords({ path: 'shop-1.0/b' }) },
        { path: 'shop-1.0/c' },
      ],
      'the archive gives one entry two names, links or sizes',
    ],
    [
      'a pax header that cannot be read',
      [{ path: 'x', type: 'x', content: '99 path=a\n' }],
      'the archive has a pax header that cannot be read',
    ],
    [
      'a pax header without a keyword, which ends it for some readers',
      [{ path: 'x', type: 'x', content: '5 =a\n' }],
      'the archive has a pax header that cannot be read',
    ],
    [
      'a header that belongs to nothing',
      [{ path: 'x', type: 'L', content: 'a\0' }],
      'the archive ends with a header that belongs to nothing',
    ],
  ])('%s', async (_, entries, reason) => {
    expect(await reasonsFor({ ...shop, entries })).toEqual([expect.stringContaining(reason)])
  })

  test.each<[string, Partial<SdistOptions>, string]>([
    [
      'no PKG-INFO',
      { files: { 'PKG-INFO': undefined } },
      'the archive has no file shop-1.0/PKG-INFO, so it is not an sdist',
    ],
    ['no name', { pkgInfo: { Name: undefined } }, '"shop-1.0/PKG-INFO" has no header Name'],
    ['no version', { pkgInfo: { Version: undefined } }, '"shop-1.0/PKG-INFO" has no header Version'],
    ['two names', { pkgInfo: { name: 'other' } }, '"shop-1.0/PKG-INFO" has 2 headers Name'],
    [
      'a name with a slash',
      { pkgInfo: { Name: '../shop' } },
      '"shop-1.0/PKG-INFO" has the name "../shop", which is no project name',
    ],
    [
      'a name with a line break',
      { pkgInfo: { Name: 'shop\n evil' } },
      '"shop-1.0/PKG-INFO" has the name "shop\\nevil", which is no project name',
    ],
    [
      'a version that is none',
      { pkgInfo: { Version: 'latest' } },
      '"shop-1.0/PKG-INFO" has the version "latest", which is no PEP 440 version',
    ],
    [
      'a name too long for a directory',
      { pkgInfo: { Name: 'x'.repeat(300) } },
      'has a name and version of more than 200 characters, too long for a directory',
    ],
    [
      'metadata of another version than the file is called',
      { pkgInfo: { Version: '1.1' } },
      'the file is called "shop-1.0.tar.gz", but inside it is shop 1.1: it should be called shop-1.1.tar.gz',
    ],
    [
      'metadata of another project than the file is called',
      { pkgInfo: { Name: 'other' } },
      'the file is called "shop-1.0.tar.gz", but inside it is other 1.0: it should be called other-1.0.tar.gz',
    ],
  ])('%s', async (_, options, reason) => {
    expect(await reasonsFor({ ...shop, ...options })).toEqual([expect.stringContaining(reason)])
  })

  test('every reason is given, each with its entry', async () => {
    const entries = [
      { path: '/etc/passwd' },
      { path: 'shop-1.0/null', type: '3' },
      { path: 'shop-1.0/su', mode: 0o4755 },
    ]
    const error = await refusalOf(
      'shop-1.0.tar.gz',
      makeSdist({ ...shop, entries, pkgInfo: { Version: 'latest' } }),
    )
    expect(error.message).toBe('shop-1.0.tar.gz is refused for 4 reasons')
    expect(
      error.problems.map(({ code, where, message }) => `${where} ${code}: ${message}`),
    ).toMatchInlineSnapshot(`
      [
        "shop-1.0.tar.gz sdist-path: "/etc/passwd" is an absolute path",
        "shop-1.0.tar.gz sdist-special-file: "shop-1.0/null" is a character device",
        "shop-1.0.tar.gz sdist-set-id: "shop-1.0/su" has a set-id bit (mode 4755)",
        "shop-1.0.tar.gz sdist-metadata: "shop-1.0/PKG-INFO" has the version "latest", which is no PEP 440 version",
      ]
    `)
  })
})

describe('what cannot be read', () => {
  test.each<[string, Buffer, string]>([
    ['an empty file', Buffer.alloc(0), 'it is not compressed with gzip'],
    ['a zip', Buffer.from('PK\x03\x04 and so on'), 'it is not compressed with gzip'],
    ['gzip of something else', gzipSync('hello'), 'the archive is cut off: it has no end-of-archive mark'],
    [
      'gzip of a lot of something else',
      gzipSync('hello'.repeat(1_000)),
      'the archive has a header with a wrong checksum',
    ],
    [
      'an empty archive',
      packTarGz([]),
      'the archive has no file {directory}/PKG-INFO, so it is not an sdist',
    ],
    ['gzip that is cut off', makeSdist(shop).subarray(0, -20), 'the file is cut off'],
    [
      'gzip with a damaged checksum',
      damaged(makeSdist(shop), -6),
      'the gzip data is damaged, or something follows it',
    ],
    [
      'a little after the gzip data',
      Buffer.concat([makeSdist(shop), Buffer.alloc(10)]),
      'something follows the gzip data',
    ],
    [
      'a lot after the gzip data',
      Buffer.concat([makeSdist(shop), Buffer.alloc(1_000_000)]),
      'something follows the gzip data',
    ],
    [
      'an archive cut off in a file',
      gzipSync(gunzipSync(makeSdist(shop)).subarray(0, 1600)),
      '"shop-1.0/PKG-INFO" is cut off',
    ],
    [
      'an archive without an end',
      gzipSync(gunzipSync(makeSdist(shop)).subarray(0, -1024)),
      'the archive is cut off: it has no end-of-archive mark',
    ],
    [
      'an archive that goes on after its end',
      gzipSync(Buffer.concat([gunzipSync(makeSdist(shop)), packTar([{ path: 'shop-1.0/hidden' }])])),
      'the archive goes on after its end-of-archive mark',
    ],
    [
      'a header that Python would read another way than GNU tar',
      gzipSync(withGnuTimes(gunzipSync(makeSdist(shop)))),
      'has a header that is neither POSIX nor plain GNU',
    ],
    [
      'a header with an owner that is no number, which Python takes for the end',
      gzipSync(withField(gunzipSync(makeSdist(shop)), 108, 'nobody\0\0')),
      '"shop-1.0" has a header with a number that cannot be read',
    ],
    [
      'more padding than anybody needs',
      gzipSync(Buffer.concat([gunzipSync(makeSdist(shop)), Buffer.alloc(17 * 1024 ** 2)])),
      'the archive has too much padding at its end',
    ],
  ])('%s', async (_, bytes, reason) => {
    const error = await refusalOf('shop-1.0.tar.gz', bytes)
    expect(error.problems.map(({ message }) => message)).toEqual([expect.stringContaining(reason)])
  })

  test('owners and times that only a binary number can hold mean nothing', async () => {
    const owner = withField(gunzipSync(makeSdist(shop)), 108, Buffer.from('80000000deadbeef', 'hex'))
    const tar = withField(owner, 136, Buffer.from('ffffffffffffffffffffff85', 'hex'))
    expect(await read('shop-1.0.tar.gz', gzipSync(tar))).toMatchObject({ revision: 'shop-1.0' })
  })

  test('zeros after the end of the archive are padding', async () => {
    const padded = gzipSync(Buffer.concat([gunzipSync(makeSdist(shop)), Buffer.alloc(20_000)]))
    expect(await read('shop-1.0.tar.gz', padded)).toMatchObject({ revision: 'shop-1.0' })
  })

  test('faults seen before the archive breaks are said too', async () => {
    const broken = makeSdist({
      ...shop,
      entries: [{ path: '/etc/passwd' }, { path: 'shop-1.0/s', type: 'S' }],
    })
    expect((await refusalOf('shop-1.0.tar.gz', broken)).problems.map(({ code }) => code)).toEqual([
      'sdist-path',
      'sdist-malformed',
    ])
  })

  test.each([
    ['bytes', { unpackedBytes: 4096 }, 'the archive is larger than 4096 bytes when it is unpacked'],
    ['entries', { entries: 3 }, 'the archive has more than 3 entries'],
    ['bytes of PKG-INFO', { pkgInfoBytes: 10 }, '"shop-1.0/PKG-INFO" is larger than 10 bytes'],
  ])('an archive with too many %s', async (_, limit, reason) => {
    const path = join(directory, 'shop-1.0.tar.gz')
    await writeFile(path, makeSdist(shop))
    const error = await readSdist(path, pythonRules, { ...ARCHIVE_LIMITS, ...limit }).catch((e: unknown) => e)
    expect(error).toMatchObject({ problems: [{ code: 'sdist-too-large', message: reason }] })
  })

  test('a file that claims to be larger than everything may be is refused at its header', async () => {
    const entries = [{ path: 'shop-1.0/bomb', size: 8 * 1024 ** 3 - 1 }]
    expect(await reasonsFor({ ...shop, entries })).toEqual([
      '"shop-1.0/bomb" is larger than a whole archive may be',
    ])
  })

  test('a file that is not there is said with its path', async () => {
    const error = await readSdist(join(directory, 'none-1.0.tar.gz'), pythonRules).catch((e: unknown) => e)
    expect(error).toMatchObject({ code: 'artifact', message: expect.stringContaining('ENOENT') })
  })

  test('a directory is not a file', async () => {
    const error = await readSdist(directory, pythonRules).catch((e: unknown) => e)
    expect(error).toMatchObject({ code: 'artifact', message: `${directory} is a directory, and not a file` })
  })
})

async function read(fileName: string, bytes: Buffer) {
  const path = join(directory, fileName)
  await writeFile(path, bytes)
  return readSdist(path, pythonRules)
}

async function refusalOf(fileName: string, bytes: Buffer): Promise<StageError> {
  const error = await read(fileName, bytes).catch((e: unknown) => e)
  if (error instanceof StageError && error.code === 'artifact') return error
  throw new Error('it was not refused', { cause: error })
}

async function reasonsFor(options: SdistOptions): Promise<readonly string[]> {
  const fileName = `${options.name}-${options.version}.tar.gz`
  return (await refusalOf(fileName, makeSdist(options))).problems.map(({ message }) => message)
}

function damaged(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  const index = bytes.length + at
  copy.writeUInt8(copy.readUInt8(index) ^ 0xff, index)
  return copy
}

/** GNU tar's own format, with the times of access that `--incremental` writes where POSIX has the prefix. */
function withGnuTimes(tar: Buffer): Buffer {
  return withField(withField(tar, 257, 'ustar  \0'), 345, '14524770400\0')
}

/** The first header with something else in one place. */
function withField(tar: Buffer, offset: number, content: string | Buffer): Buffer {
  const header = Buffer.from(tar.subarray(0, 512))
  header.set(Buffer.from(content), offset)
  return Buffer.concat([withChecksum(header), tar.subarray(512)])
}
