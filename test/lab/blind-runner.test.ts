import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { fleetOf } from '../e2e/support/fleet-of.ts'
import { leftovers, rootListing } from '../e2e/support/hosts.ts'
import { makeProject } from '../e2e/support/project.ts'
import { releaseBytes } from '../e2e/support/releases.ts'
import { makeSdist } from '../support/make-sdist.ts'
import { runProgram } from '../support/run-program.ts'

/** Where the installed command looks at what an sdist unpacks to, in what `npm run build` makes of the sources. */
const looks = ['...treeFaults(scan.entries),', ' || topLevel === void 0']

/** Each host refuses by itself. */
const NAMES = ['web2']
const fleet = await fleetOf(NAMES)
const project = await makeProject(fleet)
const blind = await blindCommand()

/** The installed command with its look at what an sdist unpacks to taken out: whatever it is given, it sends. */
async function blindCommand(): Promise<string> {
  const installed = dirname(dirname(inject('deployCommand')))
  // Beside the other packages, which it needs as well.
  const copy = join(dirname(installed), `blind-${process.pid}`)
  await cp(installed, copy, { recursive: true })
  const code = join(copy, 'dist/src/chunks')
  const files = (await readdir(code)).map(name => join(code, name))
  const sources = await Promise.all(files.map(async file => [file, await readFile(file, 'utf8')] as const))
  const looking = sources.filter(([, source]) => looks.some(look => source.includes(look)))
  expect(looking).toHaveLength(1)
  for (const [file, source] of looking) {
    for (const look of looks) expect(source.split(look)).toHaveLength(2)
    await writeFile(
      file,
      looks.reduce((text, look) => text.replace(look, ''), source),
    )
  }
  return join(copy, 'bin/deploy.js')
}

const evil = '/tmp/written-outside'

test.each([
  ['a path that leaves it', [{ path: `shop-1.0/../../../../../../..${evil}`, content: 'x' }]],
  ['an absolute path', [{ path: evil, content: 'x' }]],
  [
    'a file below a link out of it',
    [
      { path: 'shop-1.0/l', type: '2', linkPath: '../../../../../../tmp' },
      { path: 'shop-1.0/l/written-outside', content: 'x' },
    ],
  ],
  ['a symbolic link out of it', [{ path: 'shop-1.0/l', type: '2', linkPath: '../../etc/passwd' }]],
  ['an absolute symbolic link', [{ path: 'shop-1.0/l', type: '2', linkPath: '/etc/passwd' }]],
  ['a hard link out of it', [{ path: 'shop-1.0/l', type: '1', linkPath: '/etc/passwd' }]],
  ['a device', [{ path: 'shop-1.0/null', type: '3' }]],
  ['a pipe', [{ path: 'shop-1.0/pipe', type: '6' }]],
  ['a set-user-id bit', [{ path: 'shop-1.0/su', content: 'x', mode: 0o4755 }]],
  ['two top-level directories', [{ path: 'other/file', content: 'x' }]],
  ['a verdict of its own', [{ path: 'shop-1.0/.revision.json', content: '{}' }]],
])(
  'F24 an sdist with %s is refused by the host itself, of a runner that did not look',
  async (_what, entries) => {
    const sdist = await releaseBytes(
      project,
      'shop-1.0.tar.gz',
      makeSdist({ name: 'shop', version: '1.0', entries }),
    )
    const home = join(fleet.directory, 'runner-home')
    const { code, stdout } = await runProgram([process.execPath, blind, 'staging', sdist], {
      cwd: project.directory,
      env: { PATH: process.env['PATH'] ?? '', HOME: home, LANG: 'C.UTF-8' },
    })
    expect({ code, stdout }).toEqual({
      code: 4,
      stdout: expect.stringMatching(/web2.*the sdist is refused/s),
    })
    for (const name of NAMES) {
      expect(await fleet.host(name).run(['ls', evil])).toMatchObject({ stdout: '' })
      expect(await rootListing(project, name)).toEqual([])
    }
    expect(await leftovers(fleet, project)).toEqual([])
  },
)
