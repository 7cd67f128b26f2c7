import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { exec } from '../../src/index.ts'
import { makeKeyPair } from '../support/ssh-keys.ts'
import { startAgent } from '../support/sshd.ts'
import { startDeploy } from './support/deploy.ts'
import { outputOf } from './support/events.ts'
import { asRoot } from './support/faults.ts'
import { fleetOf, WITH_NAMESPACES } from './support/fleet-of.ts'
import { makeProject, type ProjectConfig } from './support/project.ts'
import { PROJECT, release } from './support/releases.ts'

/** Prints whether there is an agent, and whether it signs with the key that it is known to have. */
const asksAgent = (publicKey: string) => [
  'sh',
  '-c',
  'printf "agent: "; printenv SSH_AUTH_SOCK || echo none; ' +
    'f=$(mktemp); echo "$1" > $f; ssh-add -T $f 2> /dev/null && echo "it signs"; rm $f',
  'sh',
  publicKey,
]

// Hosts with a login environment of their own.
describe.runIf(WITH_NAMESPACES)('forwardAgent', async () => {
  const names = ['web1', 'set-by-sshd', 'set-by-shell']
  const fleet = await fleetOf(names, {
    kind: 'namespaces',
    overrides: { 'set-by-sshd': { sshdOptions: { SetEnv: 'SSH_AUTH_SOCK=/run/of-sshd' } } },
  })
  await fleet.host('set-by-shell').run(['/bin/sh', '-c', 'cat > .bashrc'], {
    input: '[ -n "$SSH_AUTH_SOCK" ] || export SSH_AUTH_SOCK=/run/of-the-shell\n',
  })
  await asRoot(
    fleet.host('web1'),
    'mkdir -p /etc/sudoers.d && cat > /etc/sudoers.d/deploy && chmod 0440 /etc/sudoers.d/deploy',
    `${fleet.host('web1').user} ALL=(root) NOPASSWD: ALL\n`,
  )
  const publicKey = await makeKeyPair(join(fleet.directory, 'of-the-agent'), 'agent')
  const agent = await startAgent(fleet.directory, [join(fleet.directory, 'of-the-agent')])
  afterAll(async () => await agent[Symbol.asyncDispose]())
  const env = { SSH_AUTH_SOCK: agent.socket }
  const asking = asksAgent(publicKey)

  async function deployWith(hosts: readonly string[], config: ProjectConfig) {
    const project = await makeProject(fleet, {
      stages: { staging: { hosts }, production: { hosts: names } },
      ...config,
    })
    await release(project, '1.0')
    const run = await project.deploy(['staging', '--json'], { env })
    expect([run.code, run.stderr]).toEqual([0, expect.anything()])
    return run
  }

  test.each(['node-ssh', 'openssh'])('gives every step the agent of the runner, with %s', async client => {
    const run = await deployWith(['web1'], {
      ssh: { client, forwardAgent: true },
      verify: [exec(asking)],
      hooks: {
        build: [exec(asking)],
        'before:switch': [exec(asking, { sudo: true })],
        activate: [exec(asking)],
      },
    })
    for (const slot of ['build', 'verify', 'before:switch', 'activate'])
      expect([slot, ...outputOf(run, 'web1', slot)]).toEqual([
        slot,
        expect.stringMatching(/^agent: \//),
        'it signs',
      ])
    const command = await (await makeProject(fleet, { ssh: { client, forwardAgent: true } })).deploy(
      ['run', 'staging', '--hosts', 'web1', '--', ...asking],
      { env },
    )
    expect([command.code, command.stdout]).toEqual([0, expect.stringMatching(/it signs/)])
  })

  test.each(['node-ssh', 'openssh'])(
    'without it no step finds one, whatever the login sets, with %s',
    async client => {
      const names = ['web1', 'set-by-sshd', 'set-by-shell']
      const run = await deployWith(names, {
        ssh: { client },
        verify: [exec(asking)],
        hooks: { activate: [exec(asking)] },
      })
      for (const name of names)
        for (const slot of ['verify', 'activate'])
          expect([name, ...outputOf(run, name, slot)]).toEqual([name, 'agent: none'])
    },
  )
})

describe('forwardAgent on this machine', async () => {
  // A host that another one reaches has no network of its own here.
  const fleet = await fleetOf(['web1', 'bastion'], { kind: 'loopback' })
  const publicKey = await makeKeyPair(join(fleet.directory, 'of-the-agent'), 'agent')
  const agent = await startAgent(fleet.directory, [join(fleet.directory, 'of-the-agent')])
  afterAll(async () => await agent[Symbol.asyncDispose]())

  test.each([true, false])(
    '%s: whether steps of this machine find the agent of the runner',
    async forwardAgent => {
      const directory = await mkdtemp(join(fleet.directory, 'local-'))
      const root = join(directory, 'root')
      await mkdir(root)
      const config = {
        project: PROJECT,
        hosts: { here: { address: 'localhost', client: 'local', root, python: '/usr/bin/python3' } },
        stages: { staging: { hosts: ['here'] } },
        ssh: { forwardAgent },
        recipes: [],
        hooks: { activate: [exec(asksAgent(publicKey))] },
      }
      await writeFile(join(directory, 'stage.config.json'), JSON.stringify(config))
      await release({ directory }, '1.0')
      const env = { SSH_AUTH_SOCK: agent.socket }
      const run = await startDeploy(directory, fleet, ['staging', '--json'], { env }).ended
      expect([run.code, ...outputOf(run, 'here', 'activate')]).toEqual(
        forwardAgent ? [0, `agent: ${agent.socket}`, 'it signs'] : [0, 'agent: none'],
      )
    },
  )

  test.each(['node-ssh', 'openssh'])('reaches through a jump host, with %s', async client => {
    const { address, port, user } = fleet.host('bastion')
    const project = await makeProject(fleet)
    const web1 = { ...fleet.configFor().hosts['web1'], root: project.rootOn('web1') }
    await project.configure({
      stages: { staging: { hosts: ['web1'] }, production: { hosts: ['bastion'] } },
      hosts: { web1: { ...web1, jump: `${user}@${address}:${port}` } },
      ssh: { client, forwardAgent: true },
      hooks: { activate: [exec(asksAgent(publicKey))] },
    })
    await release(project, '1.0')
    const env = { SSH_AUTH_SOCK: agent.socket }
    const run = await project.deploy(['staging', '--json'], { env })
    expect([run.code, ...outputOf(run, 'web1', 'activate')]).toEqual([
      0,
      expect.stringMatching(/^agent: \//),
      'it signs',
    ])
  })
})
