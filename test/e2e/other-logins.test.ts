import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fleetOf, WITH_NAMESPACES } from './support/fleet-of.ts'
import { makeProject } from './support/project.ts'
import { release } from './support/releases.ts'

/** Login shells, and the start-up file that each reads for a command too. */
const LOGINS = {
  bash: { shell: '/bin/bash', file: '.bashrc', once: 'sh' },
  zsh: { shell: '/usr/bin/zsh', file: '.zshenv', once: 'sh' },
  csh: { shell: '/bin/csh', file: '.cshrc', once: 'csh' },
  tcsh: { shell: '/bin/tcsh', file: '.tcshrc', once: 'csh' },
  fish: { shell: '/usr/bin/fish', file: '.config/fish/config.fish', once: 'fish' },
} as const
const names = Object.keys(LOGINS)

/** A start-up file that starts another program in place of what the login was meant for. */
const executing = {
  // A shell that reads its start-up file again would do so for ever.
  sh: (other: string) => `if [ -z "$AGAIN" ]; then export AGAIN=1; exec ${other}; fi\n`,
  csh: (other: string) => `if ( $?AGAIN ) exit\nsetenv AGAIN 1\nexec ${other}\n`,
  fish: (other: string) => `if not set -q AGAIN; set -x AGAIN 1; exec ${other}; end\n`,
}

const OTHERS = ['dash', 'busybox ash', 'bash', 'zsh', 'csh', 'tcsh', 'fish', 'cat', 'python3', 'sh']

describe.runIf(WITH_NAMESPACES)('a login that starts another program', async () => {
  const overrides = Object.fromEntries(Object.entries(LOGINS).map(([name, { shell }]) => [name, { shell }]))
  const fleet = await fleetOf(names, { kind: 'namespaces', overrides })

  /** What each login starts is another one of the list; what it reads is kept in a file. */
  const others = (round: number) =>
    Object.entries(LOGINS).map(([name, login], index) => {
      const other = OTHERS[(round * names.length + index) % OTHERS.length] ?? ''
      return { name, ...login, other }
    })

  test.each([
    ['node-ssh', 0],
    ['openssh', 1],
  ] as const)('is sent nothing, and named with what to do, with %s', async (client, round) => {
    for (const { name, file, once, other } of others(round)) {
      const text = executing[once](`sh -c 'rm -f read; tee read | ${other}'`)
      await fleet.host(name).run(['/bin/sh', '-c', `mkdir -p .config/fish && cat > ${file}`], { input: text })
    }
    const project = await makeProject(fleet, { ssh: { client, connectTimeout: '5s' } })
    const { code, stdout } = await project.deploy(['staging', '--dry-run', await release(project, '1.0')])
    expect(code).toBe(3)
    expect(stdout).toMatch(
      /^bash, csh, fish, tcsh, zsh\n.* the login starts another program, which reads the input in place of Python.*\n.*chsh/,
    )
    for (const { name, other } of others(round))
      expect([other, await readFile(join(fleet.host(name).home, 'read'), 'latin1')]).toEqual([other, ''])
  })
})
