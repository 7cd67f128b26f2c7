import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeSdist } from '../support/make-sdist.ts'
import { makeScratchDirectory, type ScratchDirectory } from '../support/scratch-directory.ts'
import { runDeploy } from './support/run-deploy.ts'

// `deploy version` as a process: no host is asked, and where a version is given no configuration is read.

let scratch: ScratchDirectory
beforeAll(async () => {
  scratch = await makeScratchDirectory()
})
afterAll(async () => scratch[Symbol.asyncDispose]())

const version = async (...args: readonly string[]) => runDeploy(['version', ...args], { cwd: scratch.path })
/** What it came to, as one text. */
const said = async (...args: readonly string[]) => {
  const { code, stdout, stderr } = await version(...args)
  return `${stdout}${stderr}[${code}]`.replaceAll(scratch.path, 'DIR')
}

describe('show', { timeout: 60_000 }, () => {
  test('prints the normal form, the channel and the parts', async () => {
    expect(await said('show', 'v1.2.3-RC.1+ab.5')).toMatchInlineSnapshot(`
      "version  1.2.3rc1+ab.5
      scheme   PEP 440
      channel  local
      epoch    0
      release  1 2 3
      pre      rc 1
      local    ab 5
      [0]"
    `)
    expect(await said('show', '1.2.3-rc.1', '--scheme', 'semver', '--json')).toMatchInlineSnapshot(`
      "{"v":1,"version":"1.2.3-rc.1","scheme":"semver","channel":"rc","parts":{"major":"1","minor":"2","patch":"3","pre":["rc","1"],"build":[]},"places":[]}
      [0]"
    `)
    expect(await said('show', '2:1.0-1', '--scheme', 'debian')).toMatchInlineSnapshot(`
      "version   2:1.0-1
      scheme    Debian
      epoch     2
      upstream  1.0
      revision  1
      [0]"
    `)
  })

  test('reads an sdist', async () => {
    const path = await writeSdist(scratch.path, { name: 'shop', version: '1.4.0rc1' })
    expect(await said('show', path)).toMatchInlineSnapshot(`
      "version  1.4.0rc1
      scheme   PEP 440
      channel  rc
      epoch    0
      release  1 4 0
      pre      rc 1
      said     1.4.0rc1 in DIR/shop-1.4.0rc1.tar.gz (PKG-INFO)
      [0]"
    `)
    expect(await said('show', path, '--scheme', 'semver')).toMatch(/^version {2}1\.4\.0-rc\.1\n/)
  })

  test('of what is no version ends with 2', async () => {
    expect(await said('show', 'nightly')).toMatchInlineSnapshot(`
      "error: "nightly" is not a PEP 440 version
        → use a version like 1.2.0, 1.2.0rc1, 1.2.0.post1 or 1.2.0.dev4
      [2]"
    `)
  })
})

describe('compare', { timeout: 60_000 }, () => {
  test.each([
    ['1.0rc1', '1.0', [], '<'],
    ['1.0', '1.0.0', [], '='],
    ['1.2.3-1', '1.2.3', [], '>'],
    ['1.2.3-1', '1.2.3', ['--scheme', 'semver'], '<'],
    ['1.0~rc1', '1.0', ['--scheme', 'debian'], '<'],
  ])('%s with %s %j prints %s and ends with 0', async (a, b, flags, sign) => {
    expect(await said('compare', a, b, ...flags)).toBe(`${sign}\n[0]`)
  })

  test('prints one object for programs', async () => {
    expect(await said('compare', '1.0', '1.0.0', '--json')).toBe(
      '{"v":1,"scheme":"pep440","a":"1.0","order":"=","b":"1.0.0"}\n[0]',
    )
  })
})

describe('bump', { timeout: 60_000 }, () => {
  test('prints the next version', async () => {
    expect(await said('bump', 'minor', '1.4.2')).toBe('1.5.0\n[0]')
    expect(await said('bump', 'minor', '1.4.2', '--begin', 'rc', '--json')).toBe(
      '{"v":1,"scheme":"pep440","part":"minor","from":"1.4.2","to":"1.5.0rc1"}\n[0]',
    )
  })

  test('of what would not be greater ends with 2', async () => {
    expect(await said('bump', 'rc', '1.4.2')).toMatchInlineSnapshot(`
      "error: 1.4.2: its rc would come before it
        → name the release that it leads to: bump patch --begin rc, or minor, or major
      [2]"
    `)
  })
})

describe('convert', { timeout: 60_000 }, () => {
  test('prints the version in the other scheme', async () => {
    expect(await said('convert', '1.4rc1', '--from', 'pep440', '--to', 'semver')).toBe('1.4.0-rc.1\n[0]')
    expect(
      await said('convert', '1.4+abc', '--from', 'pep440', '--to', 'debian', '--json'),
    ).toMatchInlineSnapshot(`
      "{"v":1,"from":{"scheme":"pep440","version":"1.4+abc"},"to":{"scheme":"debian","version":"1.4+l.abc"},"note":"of other local labels of this version only those of the word abc keep their order"}
      note: of other local labels of this version only those of the word abc keep their order
      [0]"
    `)
  })

  test('ends with 2 and names what would be lost', async () => {
    expect(await said('convert', '1!1.4.post1', '--from', 'pep440', '--to', 'semver')).toMatchInlineSnapshot(`
      "error: 1!1.4.post1 cannot keep its place in the order as a SemVer version
        → SemVer has no epoch (1!)
        → SemVer has no post-release (.post1)
      [2]"
    `)
  })

  test('needs to be told both schemes', async () => {
    expect(await said('convert', '1.4', '--to', 'semver')).toMatchInlineSnapshot(`
      "error: required option '--from <scheme>' not specified
        → deploy version convert --help
      [2]"
    `)
  })
})

describe('of a project', { timeout: 60_000 }, () => {
  const at = (...path: readonly string[]) => join(scratch.path, 'project', ...path)
  const inProject = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await runDeploy(args, { cwd: at() })
    return `${stdout}${stderr}[${code}]`.replaceAll(scratch.path, 'DIR')
  }

  beforeAll(async () => {
    mkdirSync(at('dist'), { recursive: true })
    const config = {
      project: 'shop',
      version: { file: 'version.txt', pattern: '^(.+)$' },
      ssh: { client: 'local' },
      // Nobody could be asked there.
      hosts: { web1: { address: 'web1', root: at('root'), python: '/nowhere/python3' } },
      stages: { staging: { hosts: ['web1'] } },
    }
    writeFileSync(at('stage.config.json'), JSON.stringify(config))
    writeFileSync(at('version.txt'), '1.4.0\n')
  })

  test('the source alone says it before there is an sdist', async () => {
    expect(await inProject('version', 'bump', 'minor')).toMatchInlineSnapshot(`
      "1.5.0
      from 1.4.0, DIR/project/version.txt:1
      [0]"
    `)
    expect(await inProject('version')).toMatchInlineSnapshot(`
      "version  1.4.0
      scheme   PEP 440
      channel  final
      epoch    0
      release  1 4 0
      said     1.4.0 in DIR/project/version.txt:1
      no sdist of shop matches "dist/*.tar.gz" in DIR/project
      [0]"
    `)
  })

  test('the source and the sdist are both shown', async () => {
    await writeSdist(at('dist'), { name: 'shop', version: '1.4.0' })
    expect(await inProject('version', 'show')).toMatchInlineSnapshot(`
      "version  1.4.0
      scheme   PEP 440
      channel  final
      epoch    0
      release  1 4 0
      said     1.4.0 in DIR/project/version.txt:1
      said     1.4.0 in DIR/project/dist/shop-1.4.0.tar.gz (PKG-INFO)
      [0]"
    `)
  })

  test('that disagree, show and deploy end with 3 and name both; no host is asked', async () => {
    writeFileSync(at('version.txt'), '1.5.0\n')
    expect(await inProject('version', 'show')).toMatchInlineSnapshot(`
      "error: the sources of the version do not agree
      DIR/project/version.txt:1
        ✖ the version is 1.5.0 in DIR/project/version.txt:1, and 1.4.0 in DIR/project/dist/shop-1.4.0.tar.gz (PKG-INFO)
          → build the sdist again, or check out what it was built from
      [3]"
    `)
    expect(await inProject('staging', '--dry-run')).toMatchInlineSnapshot(`
      "DIR/project/version.txt:1
        ✖ the version is 1.5.0 in DIR/project/version.txt:1, and 1.4.0 in DIR/project/dist/shop-1.4.0.tar.gz (PKG-INFO)
          → build the sdist again, or check out what it was built from

      Refused. Nothing was changed.
      [3]"
    `)
  })

  test('--accept and --reason go together', async () => {
    expect(await inProject('staging', '--accept', 'rc')).toMatchInlineSnapshot(`
      "error: --accept rc needs a reason, which is recorded
        → say --reason 'TEXT' too
      [2]"
    `)
    expect(await inProject('staging', '--reason', 'the fair')).toMatchInlineSnapshot(`
      "error: --reason was given, and nothing that it is the reason for
        → say --accept CHANNEL too
      [2]"
    `)
    expect(await inProject('staging', '--accept', 'stable', '--reason', 'x')).toMatch(
      /^error: option '--accept <channel>' argument 'stable' is invalid\. the channels are: final, /,
    )
  })
})
