import { mkdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exec, script, sh } from '../../src/index.ts'
import { startDeploy } from '../e2e/support/deploy.ts'
import { outputOf } from '../e2e/support/events.ts'
import { fleetOf } from '../e2e/support/fleet-of.ts'
import { everywhere, links, rootListing } from '../e2e/support/hosts.ts'
import { makeProject } from '../e2e/support/project.ts'
import { release, releaseBytes } from '../e2e/support/releases.ts'
import { makeSdist } from '../support/make-sdist.ts'

const fleet = await fleetOf(['web1', 'web2', 'web3'])

/** What a shell, an option parser or a decoder would trip over. */
const HOSTILE: readonly string[] = [
  'two words',
  '  blanks at both ends  ',
  "it's",
  'say "hi"',
  '$(touch /tmp/pwned)',
  '`touch /tmp/pwned`',
  '$HOME %s %n',
  '; touch /tmp/pwned #',
  'a\nb',
  '-n',
  '--',
  '\\',
  '*',
  '~',
  '!!',
  'grün, 日本語, 👍',
  '',
]
const SHOW_ARGUMENTS = 'import json, sys; print(json.dumps(sys.argv[1:]))'
const SHOW_VARIABLES =
  'import json, os; print(json.dumps([os.environ["V%d" % i] for i in range(int(os.environ["COUNT"]))]))'
const variables = Object.fromEntries(HOSTILE.map((value, index) => [`V${index}`, value]))
const COUNT = `${HOSTILE.length}`

const arrived = (lines: readonly string[]): unknown => JSON.parse(lines.at(-1) ?? 'null')
const pwned = async () =>
  await Promise.all(fleet.hosts.map(async host => (await host.run(['test', '-e', '/tmp/pwned'])).code === 0))

describe('F25 a hostile value arrives unchanged and is never executed', () => {
  test('as an argument, a value of a script, a variable of a step and one of all steps', async () => {
    const python = ['/usr/bin/python3', '-I', '-c']
    const [first = '', second = ''] = ['$(touch /tmp/pwned)\n', "it's; `touch /tmp/pwned`"]
    const project = await makeProject(fleet, {
      env: { ...variables, COUNT },
      verify: [exec([...python, SHOW_ARGUMENTS, ...HOSTILE]), exec([...python, SHOW_VARIABLES])],
      hooks: {
        'before:switch': [script(sh`exec /usr/bin/python3 -I -c ${SHOW_ARGUMENTS} ${first} ${second}`)],
        activate: [exec([...python, SHOW_VARIABLES], { env: { V0: first } })],
      },
    })
    await release(project, '1.0')
    const run = await project.deploy(['staging', '--json'])
    expect(run.code).toBe(0)
    const [argumentsSeen, variablesSeen] = outputOf(run, 'web2', 'verify')
    expect(JSON.parse(argumentsSeen ?? '')).toEqual(HOSTILE)
    expect(JSON.parse(variablesSeen ?? '')).toEqual(HOSTILE)
    expect(arrived(outputOf(run, 'web2', 'before:switch'))).toEqual([first, second])
    expect(arrived(outputOf(run, 'web3', 'activate'))).toEqual([first, ...HOSTILE.slice(1)])
    expect(await pwned()).toEqual([false, false, false])
  })

  test('as a directory of the revision that a step starts in', async () => {
    const directory = "a 'b' $(touch /tmp/pwned) ü"
    const project = await makeProject(fleet, { verify: [exec(['pwd'], { cwd: directory })] })
    const entries = [{ path: `shop-1.0/${directory}/file`, content: 'x' }]
    await releaseBytes(project, 'shop-1.0.tar.gz', makeSdist({ name: 'shop', version: '1.0', entries }))
    const run = await project.deploy(['staging', '--json'])
    expect(outputOf(run, 'web1', 'verify')).toEqual([`${project.rootOn('web1')}/shop-1.0/${directory}`])
    expect(await pwned()).toEqual([false, false, false])
  })

  test('as the root on the hosts', async () => {
    const name = "it's $(touch /tmp/pwned) & ünique"
    const project = await makeProject(fleet)
    const rootOf = (host: string) => join(project.rootOf(host), name)
    const { hosts } = fleet.configFor()
    await project.configure({
      hosts: Object.fromEntries(
        Object.entries(hosts).map(([host, config]) => [
          host,
          { ...config, root: `${project.rootOn(host)}/${name}` },
        ]),
      ),
      verify: [exec(['true'])],
    })
    await release(project, '1.0')
    expect(await project.deploy(['staging'])).toMatchObject({ code: 0 })
    for (const host of ['web1', 'web2', 'web3'])
      expect((await stat(join(rootOf(host), 'staging/PKG-INFO'))).isFile()).toBe(true)
    expect(await pwned()).toEqual([false, false, false])
  })

  test('as the directory of the configuration and of the sdist', async () => {
    const project = await makeProject(fleet)
    await release(project, '1.0')
    const moved = join(project.directory, '..', "my 'project' $(touch /tmp/pwned) [*] ü")
    await mkdir(join(moved, '..'), { recursive: true })
    await rename(project.directory, moved)
    const { code } = await startDeploy(moved, fleet, ['staging']).ended
    expect(code).toBe(0)
    expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.0'))
  })
})

describe('F25 a hostile value is refused and never executed', () => {
  const option = `-oProxyCommand=touch ${fleet.directory}/pwned`

  test.each(['node-ssh', 'openssh'])('as the address of a host, with %s', async client => {
    const project = await makeProject(fleet)
    await project.configure({ ssh: { client }, hosts: { web2: { address: option } } })
    await release(project, '1.0')
    expect(await project.deploy(['staging'])).toMatchObject({ code: expect.toBeOneOf([2, 3]) })
    expect(await stat(`${fleet.directory}/pwned`).catch(() => 'absent')).toBe('absent')
    expect(await rootListing(project, 'web1')).toEqual([])
  })

  test.each([
    ['the name of a host', { hosts: { '-x': 'somewhere' } }],
    ['a user', { hosts: { web2: { address: 'a', user: option } } }],
    ['a jump host', { hosts: { web2: { address: 'a', jump: option } } }],
    ['the name of a stage', { stages: { '../x': { hosts: ['web1', 'web2', 'web3'] } } }],
    ['the name of a variable', { env: { 'A=B': 'x' } }],
    ['a NUL in a variable', { env: { A: 'a\0b' } }],
    ['the title of a step', { verify: [{ exec: ['true'], title: 'a\u001b[2Jb' }] }],
    ['a directory of a step', { verify: [{ exec: ['true'], cwd: '../..' }] }],
  ])('as %s', async (_what, config) => {
    const project = await makeProject(fleet)
    await project.configure(config)
    await release(project, '1.0')
    expect(await project.deploy(['staging'])).toMatchObject({ code: 2 })
    expect(await rootListing(project, 'web1')).toEqual([])
  })
})
