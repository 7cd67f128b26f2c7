import { readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exec } from '../../src/index.ts'
import { problemsOf } from '../e2e/support/events.ts'
import { stopped } from '../e2e/support/faults.ts'
import { fleetOf } from '../e2e/support/fleet-of.ts'
import { everywhere, links, rootListing, treeOf } from '../e2e/support/hosts.ts'
import { makeProject, type Project } from '../e2e/support/project.ts'
import { release, releaseBytes } from '../e2e/support/releases.ts'
import { mustRun } from '../support/run-program.ts'
import { knownHostsLine, makeKeyPair } from '../support/ssh-keys.ts'

const fleet = await fleetOf(['web1', 'web2', 'web3'])
const NAMES = ['web1', 'web2', 'web3']
const everything = (project: Project) => Promise.all(NAMES.map(name => treeOf(project.rootOf(name))))

describe('F12 the link of a stage', () => {
  const onWeb2 = (project: Project, command: string) =>
    fleet.host('web2').run(['/bin/sh', '-c', `cd "$1" && ${command}`, 'sh', project.rootOn('web2')])

  test.each([
    ['a directory', 'mkdir staging && echo precious > staging/file'],
    ['a file', 'echo precious > staging'],
  ])('that is %s is refused and left untouched', async (_what, make) => {
    const project = await makeProject(fleet)
    await onWeb2(project, make)
    await release(project, '1.0')
    const before = await everything(project)
    const refused = await project.deploy(['staging', '--json'])
    expect({ code: refused.code, problems: problemsOf(refused) }).toEqual({
      code: 3,
      problems: ['web2: link-not-a-link'],
    })
    expect(await everything(project)).toEqual(before)
  })

  test.each([
    ['dangling', 'gone-0.9'],
    ['to somewhere outside', '/srv/old site'],
  ])('that is %s is shown, replaced, and restored to its exact text by a put back', async (_what, text) => {
    const project = await makeProject(fleet, { hooks: { health: [exec(['false'])] } })
    await symlink(text, join(project.rootOf('web2'), 'staging'))
    const sdist = await release(project, '1.0')
    expect((await project.deploy(['status', 'staging'])).stdout).toContain(text)
    expect(await project.deploy(['staging', sdist])).toMatchObject({ code: 5 })
    expect(await links(fleet, project, 'staging')).toEqual({ web1: null, web2: text, web3: null })
    await project.configure({})
    expect(await project.deploy(['staging', sdist])).toMatchObject({ code: 0 })
    expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.0'))
  })
})

describe('F23 the same name and version', () => {
  test('with other bytes is refused, and the live one untouched', async () => {
    const project = await makeProject(fleet)
    await project.deploy(['staging', await release(project, '1.0')])
    const before = await everything(project)
    const other = await release(project, '1.0', { files: { 'shop/other.py': 'x = 1\n' } })
    const refused = await project.deploy(['staging', other, '--json'])
    expect({ code: refused.code, problems: problemsOf(refused) }).toEqual({
      code: 3,
      problems: NAMES.map(name => `${name}: conflict`),
    })
    expect(await everything(project)).toEqual(before)
  })

  test('under another spelling of its file is the same revision', async () => {
    const project = await makeProject(fleet)
    await project.deploy(['staging', await release(project, '1.0')])
    const bytes = await readFile(join(project.directory, 'dist/shop-1.0.tar.gz'))
    const spelled = await releaseBytes(project, 'Shop-1.0.tar.gz', bytes)
    expect(await project.deploy(['staging', spelled])).toMatchObject({ code: 0 })
    expect(await rootListing(project, 'web1')).toEqual(['shop-1.0', 'staging'])
  })
})

describe('F15 a name that is not there', () => {
  const project = makeProject(fleet)

  test.each([
    ['a host', ['staging', '--hosts', 'web1,web9'], /web9.*web1, web2, web3/s],
    ['a host left out', ['staging', '--except', 'wbe1'], /wbe1.*web1/s],
    ['a stage', ['stagign'], /stagign.*staging/s],
    ['a flag', ['staging', '--dryrun'], /--dry-run/],
    ['a revision to roll back to', ['rollback', 'staging', '--to', 'shop-9'], /shop-9/],
    ['an sdist', ['staging', 'dist/nothing.tar.gz'], /nothing\.tar\.gz/],
    ['a configuration', ['staging', '--config', 'nothing.ts'], /nothing\.ts/],
  ])('as that of %s is refused with what there is', async (what, args, said) => {
    await release(await project, '1.0')
    const { code, stdout, stderr } = await (await project).deploy(args)
    expect({ code, said: `${stdout}\n${stderr}` }).toEqual({
      code: what.startsWith('a revision') ? 3 : 2,
      said: expect.stringMatching(said),
    })
    expect(await rootListing(await project, 'web1')).toEqual([])
  })

  test('as that of the configuration itself, where there is none upward, says how to begin', async () => {
    const { code, stderr } = await (await project).deploy(['staging'], { cwd: '..' })
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/stage\.config\.ts/) })
  })
})

describe('a configuration', () => {
  test('with problems is refused with all of them at once, each with its place', async () => {
    const project = await makeProject(fleet, {}, { format: 'ts' })
    await project.configure({
      stages: { staging: { hosts: ['web1', 'web1', 'wbe2'] }, production: { hosts: [] } },
      hosts: { web3: { address: 'a', prot: 22 } },
      heartbeat: '1s',
    })
    const { code, stderr } = await project.deploy(['staging'])
    expect({ code, stderr: stderr.replaceAll(project.directory, 'PROJECT') }).toMatchInlineSnapshot(`
      {
        "code": 2,
        "stderr": "error: PROJECT/stage.config.ts has 5 problems
      hosts.web3.prot
        ✖ unknown key 'prot'
          → did you mean 'port'? allowed: address, user, port, identityFile, knownHostsFile, jump, labels, root, python, client
      stages.staging.hosts[2]
        ✖ there is no host 'wbe2'
          → did you mean 'web2'? the hosts are: web1, web2, web3
      stages.staging.hosts[1]
        ✖ the host 'web1' is named twice
      stages.production.hosts
        ✖ a stage needs a host
      heartbeat
        ✖ expected a duration from 3s to 24 days, found '1s'
      ",
      }
    `)
  })

  test.each(['ts', 'yaml'] as const)('in %s does the same as one in JSON', async format => {
    const config = { verify: [exec(['true'], { timeout: '30s' })] }
    const project = await makeProject(fleet, config, { format })
    await release(project, '1.0')
    expect(await project.deploy(['staging'])).toMatchObject({ code: 0 })
    expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.0'))
  })

  test('is found upward from a directory of the project', async () => {
    const project = await makeProject(fleet)
    await release(project, '1.0')
    expect(await project.deploy(['staging'], { cwd: 'dist' })).toMatchObject({ code: 0 })
  })
})

describe('a root', () => {
  test('of another project is refused', async () => {
    const project = await makeProject(fleet)
    await project.deploy(['staging', await release(project, '1.0')])
    await project.configure({ project: 'other' })
    const other = await release(project, '1.0', { name: 'other' })
    const refused = await project.deploy(['staging', other, '--json'])
    expect({ code: refused.code, problems: problemsOf(refused) }).toEqual({
      code: 3,
      problems: NAMES.map(name => `${name}: other-project`),
    })
  })

  test('that two hosts of a stage share is refused: it is one host under two names', async () => {
    const project = await makeProject(fleet)
    const { port, address } = fleet.host('web1')
    const twin = { address: 'twin', user: fleet.host('web1').user, port }
    const config = join(project.directory, 'ssh_config')
    const alias = `Host twin\n  HostName ${address}\n  HostKeyAlias ${fleet.kind === 'namespaces' ? address : `[${address}]:${port}`}\n`
    await writeFile(config, alias)
    await project.configure({
      stages: { staging: { hosts: ['web1', 'twin'] }, production: { hosts: ['web2', 'web3'] } },
      hosts: {
        twin: { ...twin, root: project.rootOn('web1'), identityFile: fleet.identityFile },
      },
      ssh: { configFile: config },
    })
    await release(project, '1.0')
    // Before the first deploy the root has no id yet to recognise it by.
    await project.deploy(['staging', '--hosts', 'web1'])
    await release(project, '1.1')
    const refused = await project.deploy(['staging', '--json'])
    expect({ code: refused.code, problems: problemsOf(refused) }).toEqual({
      code: 3,
      problems: [expect.stringMatching(/: same-root$/)],
    })
  })
})

describe('F17 a host key', () => {
  /** A project with a known_hosts file of its own, in which web2 stands with this line, or not at all. */
  async function knowing(line: string): Promise<{ readonly project: Project; readonly file: string }> {
    const project = await makeProject(fleet)
    const file = join(project.directory, 'known_hosts')
    const others = ['web1', 'web3'].map(name => lineOf(name, fleet.host(name).hostKey))
    await writeFile(file, [...others, line].join(''))
    await project.configure({ ssh: { knownHostsFile: file } })
    await release(project, '1.0')
    return { project, file }
  }
  const lineOf = (name: string, key: string) => {
    const { address, port } = fleet.host(name)
    return `${knownHostsLine(address, port, key)}\n`
  }
  const fingerprintOf = async (file: string) =>
    /SHA256:\S+/.exec(await mustRun(['ssh-keygen', '-l', '-f', file]))?.[0] ?? 'none'

  test('that is unknown is refused with its fingerprint and the next command; nothing is recorded', async () => {
    const { project, file } = await knowing('')
    const known = await readFile(file, 'utf8')
    const { code, stdout } = await project.deploy(['staging'])
    const publicKey = join(project.directory, 'web2.pub')
    await writeFile(publicKey, fleet.host('web2').hostKey)
    expect({ code, stdout }).toEqual({ code: 3, stdout: expect.stringMatching(/web2.*not known/s) })
    expect(stdout.includes(await fingerprintOf(publicKey))).toBe(true)
    expect(await readFile(file, 'utf8')).toBe(known)
    expect(await Promise.all(NAMES.map(name => rootListing(project, name)))).toEqual([[], [], []])
    // The command as it is printed does what it says.
    await mustRun(['/bin/sh', '-c', commandIn(stdout, 'ssh-keyscan')])
    expect(await project.deploy(['staging'])).toMatchObject({ code: 0 })
  })

  test('that has changed is refused with the line that is in the way and the next command', async () => {
    const other = await makeKeyPair(join(fleet.directory, 'other-key'), 'other')
    const { project, file } = await knowing(lineOf('web2', other))
    const known = await readFile(file, 'utf8')
    const { code, stdout } = await project.deploy(['staging'])
    expect({ code, stdout }).toEqual({ code: 3, stdout: expect.stringMatching(`line 3 of ${file}`) })
    expect(await readFile(file, 'utf8')).toBe(known)
    expect(await Promise.all(NAMES.map(name => rootListing(project, name)))).toEqual([[], [], []])
    await mustRun(['/bin/sh', '-c', commandIn(stdout, 'ssh-keygen -R')])
    expect(await project.deploy(['staging'])).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/web2.*not known/s),
    })
  })

  test('that is unknown is recorded with accept-new, and known the next time', async () => {
    const { project, file } = await knowing('')
    await project.configure({ ssh: { knownHostsFile: file, hostKeys: 'accept-new' } })
    expect(await project.deploy(['staging'])).toMatchObject({ code: 0 })
    await project.configure({ ssh: { knownHostsFile: file } })
    expect(await project.deploy(['status', 'staging'])).toMatchObject({ code: 0 })
  })
})

describe('F18 hosts that cannot take part', () => {
  test('because they are down are all named, and the others untouched', async () => {
    const project = await makeProject(fleet)
    await release(project, '1.0')
    await using _web2 = await stopped(fleet.host('web2'))
    await using _web3 = await stopped(fleet.host('web3'))
    const refused = await project.deploy(['staging', '--json'])
    expect({ code: refused.code, problems: problemsOf(refused) }).toEqual({
      code: 3,
      problems: ['web2: unreachable', 'web3: unreachable'],
    })
    expect(await rootListing(project, 'web1')).toEqual([])
  })

  test('because the login is refused are told apart from those that are down', async () => {
    const project = await makeProject(fleet)
    await makeKeyPair(join(project.directory, 'stranger'), 'stranger')
    const { address, port, user } = fleet.host('web2')
    const stranger = { address, port, user, identityFile: 'stranger', root: project.rootOn('web2') }
    await project.configure({ hosts: { web2: stranger } })
    await release(project, '1.0')
    const refused = await project.deploy(['staging', '--json'])
    expect({ code: refused.code, problems: problemsOf(refused) }).toEqual({
      code: 3,
      problems: ['web2: authentication'],
    })
  })
})

/** The command that a hint tells to run next, to the end of its line. */
function commandIn(text: string, program: string): string {
  const line = text.split('\n').find(one => one.includes(program)) ?? ''
  return line.slice(line.indexOf(program))
}
