import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { fleetOf } from '../e2e/support/fleet-of.ts'
import { treeOf } from '../e2e/support/hosts.ts'
import { makeProject } from '../e2e/support/project.ts'
import { releaseBytes } from '../e2e/support/releases.ts'
import { makeSdist } from '../support/make-sdist.ts'
import { packTarGz } from '../support/tar-writer.ts'

const fleet = await fleetOf(['web1', 'web2', 'web3'])
const project = await makeProject(fleet)
const shop = (entries: Parameters<typeof makeSdist>[0]['entries'] = []) =>
  makeSdist({ name: 'shop', version: '1.0', entries })

// The remote end refuses the same once more: test/remote/end.
test.each<readonly [string, Buffer]>([
  ['a path that leaves it', shop([{ path: 'shop-1.0/../../evil', content: 'x' }])],
  ['an absolute path', shop([{ path: '/tmp/evil', content: 'x' }])],
  [
    'a symbolic link out of the tree',
    shop([{ path: 'shop-1.0/l', type: '2', linkPath: '../../etc/passwd' }]),
  ],
  ['an absolute symbolic link', shop([{ path: 'shop-1.0/l', type: '2', linkPath: '/etc/passwd' }])],
  ['a hard link out of the tree', shop([{ path: 'shop-1.0/l', type: '1', linkPath: '/etc/passwd' }])],
  ['a device', shop([{ path: 'shop-1.0/null', type: '3' }])],
  ['a pipe', shop([{ path: 'shop-1.0/pipe', type: '6' }])],
  ['two top-level directories', shop([{ path: 'other/file', content: 'x' }])],
  ['a file name with a newline', shop([{ path: 'shop-1.0/a\nb', content: 'x' }])],
  ['a project name with a slash', makeSdist({ name: 'shop', version: '1.0', pkgInfo: { Name: '../shop' } })],
  ['a version that is none', makeSdist({ name: 'shop', version: '1.0', pkgInfo: { Version: '1.0/../2' } })],
  ['no PKG-INFO', makeSdist({ name: 'shop', version: '1.0', files: { 'PKG-INFO': undefined } })],
  [
    'another version inside than in its name',
    makeSdist({ name: 'shop', version: '1.0', pkgInfo: { Version: '2' } }),
  ],
  ['its end missing', shop().subarray(0, 200)],
  ['no gzip in it', Buffer.from('this is no archive\n'.repeat(100))],
  ['gzip of something else', gzipSync('this is no archive\n'.repeat(100))],
  ['nothing in it', packTarGz([])],
  ['no byte at all', Buffer.alloc(0)],
])('F24 an sdist with %s is refused before any host is asked', async (_what, bytes) => {
  const sdist = await releaseBytes(project, 'shop-1.0.tar.gz', bytes)
  const before = await Promise.all(fleet.hosts.map(({ outside }) => treeOf(outside)))
  const { code, stderr } = await project.deploy(['staging', sdist])
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/^error: .*shop-1\.0\.tar\.gz/) })
  expect(stderr).not.toMatch('connected')
  expect(await Promise.all(fleet.hosts.map(({ outside }) => treeOf(outside)))).toEqual(before)
})
