import { describe, expect, test } from 'vitest'
import { exec } from '../../src/index.ts'
import { outputOf } from '../e2e/support/events.ts'
import { fleetOf, WITH_NAMESPACES } from '../e2e/support/fleet-of.ts'
import { everywhere, leftovers, links } from '../e2e/support/hosts.ts'
import { makeProject } from '../e2e/support/project.ts'
import { release } from '../e2e/support/releases.ts'
import type { HostOptions } from '../support/host-options.ts'

const BANNER = 'Authorised use only.\n{"this":"is no answer"}\n'

// Hosts on which logging in is not as simple as it could be.
const overrides: Readonly<Record<string, HostOptions>> = {
  dash: { shell: '/bin/dash' },
  csh: { shell: '/bin/csh' },
  fish: { shell: '/usr/bin/fish' },
  zsh: { shell: '/usr/bin/zsh' },
  ash: { shell: '/usr/bin/ash' },
  'one-session': { sshdOptions: { MaxSessions: '1' } },
  banner: { sshdOptions: { Banner: '/etc/ssh/banner' } },
}
const names = [...Object.keys(overrides), 'noisy', 'silent-locale']

const whereLoginsDiffer = 'F19 hosts whose logins differ'
if (!WITH_NAMESPACES) describe.skip(whereLoginsDiffer)
else
  describe(whereLoginsDiffer, async () => {
    const fleet = await fleetOf(names, { kind: 'namespaces', overrides })
    const run = (name: string, command: string, input: string) =>
      fleet.host(name).run(['/bin/sh', '-c', command], { as: 'root', input })
    await run('ash', 'ln -s busybox /usr/bin/ash', '')
    await run('banner', 'cat > /etc/ssh/banner', BANNER)
    const noise =
      'echo "welcome to $HOSTNAME"; echo \'{"ok":true}\'; echo "mind the gap" >&2; printf "no newline"\n'
    await run('noisy', 'cat > /home/stagetest/.bashrc', noise)
    await run('silent-locale', 'cat > /home/stagetest/.bashrc', 'export LC_ALL=C LANG=C PYTHONUTF8=0\n')

    test.each(['node-ssh', 'openssh'])('are deployed to like any other, with %s', async client => {
      const project = await makeProject(fleet, {
        ssh: { client },
        stages: { staging: { hosts: names } },
        verify: [exec(['echo', 'grün'])],
      })
      await release(project, '1.0')
      const deploy = await project.deploy(['staging', '--json'])
      expect({ code: deploy.code, links: await links(fleet, project, 'staging') }).toEqual({
        code: 0,
        links: everywhere(fleet, 'shop-1.0'),
      })
      expect(names.map(name => outputOf(deploy, name, 'verify'))).toEqual(names.map(() => ['grün']))
      expect(await leftovers(fleet, project)).toEqual([])
    })
  })
