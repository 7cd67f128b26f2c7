import { execFile } from 'node:child_process'
import { chmod, chown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, inject, onTestFinished, test } from 'vitest'

const NOBODY = 65_534
const OTHER = 12_345
// The command is installed where other users may not go, so this one may go everywhere. Whose a file is does not change.
const anywhere = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override']
const asUser = ['setpriv', `--reuid=${OTHER}`, `--regid=${OTHER}`, '--clear-groups', ...anywhere]

/** The command in a directory below the one with a configuration that leaves a file behind when it runs. */
async function runBelow(owner: number, mode: number, name: string, prefix: readonly string[] = []) {
  const above = await mkdtemp(join(tmpdir(), 'stage-foreign-'))
  onTestFinished(() => rm(above, { recursive: true, force: true }))
  await chmod(above, mode)
  const canary = join(above, 'canary')
  const config = { project: 'shop', hosts: { web1: '192.0.2.1' }, stages: { test: { hosts: ['web1'] } } }
  const code = `import { writeFileSync } from 'node:fs'\nwriteFileSync(${JSON.stringify(canary)}, '')\nexport default {}\n`
  const file = join(above, name)
  await writeFile(file, name.endsWith('.ts') ? code : JSON.stringify({ stage: config }))
  await chown(file, owner, owner)
  const run = promisify(execFile)
  const [program = '', ...argv] = [...prefix, process.execPath, inject('deployCommand')]
  const start = async (...args: readonly string[]) =>
    await run(program, [...argv, ...args], {
      cwd: above,
      env: { PATH: process.env['PATH'], HOME: above },
    }).then(
      ({ stderr }) => ({ code: 0, stderr }),
      (error: { readonly code: number; readonly stderr: string }) => error,
    )
  return { file, start, ran: async () => (await readdir(above)).includes('canary') }
}

test.each([
  ['root', 'stage.config.ts', NOBODY, []],
  ['root', 'package.json', NOBODY, []],
  ['an ordinary user', 'stage.config.ts', NOBODY, asUser],
] as const)(
  'F29 run by %s a %s of somebody else is not used, and is when it is named',
  async (_, name, owner, as) => {
    const { file, start, ran } = await runBelow(owner, 0o1777, name, as)
    const { code, stderr } = await start('status', 'test')
    expect({ code, ran: await ran() }).toEqual({ code: 2, ran: false })
    expect(stderr).toContain(`${file} was found, and is not used: ${file} belongs to nobody`)
    expect(stderr).toContain(`name it: --config ${file}`)
    if (!name.endsWith('.ts')) return
    await start('status', 'test', '--config', file)
    expect(await ran()).toBe(true)
  },
)

test('F29 a configuration of root in a directory open to everybody is not used', async () => {
  const { start, ran } = await runBelow(0, 0o777, 'stage.config.ts')
  const { code, stderr } = await start('status', 'test')
  expect({ code, ran: await ran() }).toEqual({ code: 2, ran: false })
  expect(stderr).toContain('everybody can write to')
})
