import { chmod, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { script, secret, sh } from '../../src/index.ts'
import { outputOf } from './support/events.ts'
import { fleetOf } from './support/fleet-of.ts'
import { everywhere, links, revisionRecord } from './support/hosts.ts'
import { makeProject, type Project } from './support/project.ts'
import { release } from './support/releases.ts'

const fleet = await fleetOf(['web1', 'web2'])
const shared = { directories: ['media', 'var/log'], files: ['config/local.ini'] }

/** Puts a file into `shared` of a host, as somebody does by hand. */
async function put(project: Project, host: string, path: string, mode = '600'): Promise<void> {
  const where = join(project.rootOn(host), 'shared', path)
  const { code, stderr } = await fleet
    .host(host)
    .run(['/bin/sh', '-c', `mkdir -p "$(dirname "$0")" && echo text > "$0" && chmod ${mode} "$0"`, where])
  if (code !== 0) throw new Error(stderr)
}

async function aProject(config: object = {}): Promise<Project> {
  const project = await makeProject(fleet, { shared, ...config })
  for (const { name } of fleet.hosts) await put(project, name, 'config/local.ini', '640')
  await release(project, '1.0')
  return project
}

describe('what revisions share', () => {
  test('is linked into each of them after its verification, made where it is missing, and outlives them', async () => {
    const seesNone = script(sh`test ! -e media; test ! -e config/local.ini`, {
      title: 'is nothing shared yet?',
    })
    const writes = script(sh`echo kept > media/a; test -d "$DEPLOY_SHARED/var/log"; cat config/local.ini`)
    const project = await aProject({ verify: [seesNone], hooks: { 'before:switch': [writes] } })
    const plan = await project.deploy(['staging', '--dry-run'])
    expect(plan.stdout).toMatch(/make \{root\}\/shared\/media\n.*make \{root\}\/shared\/var\/log/)
    expect(plan.stdout).toMatch('link config/local.ini to {root}/shared/config/local.ini')
    expect(await readdir(join(project.rootOf('web1'), 'shared'))).toEqual(['config'])
    const first = await project.deploy(['staging', '--json'])
    expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: '' })
    expect(outputOf(first, 'web2', 'before:switch')).toEqual(['text'])
    const root = project.rootOf('web1')
    expect(await readlink(join(root, 'shop-1.0/var/log'))).toBe('../../shared/var/log')
    const { shared: recorded } = await revisionRecord(project, 'web1', 'shop-1.0')
    expect(recorded).toEqual(['config/local.ini', 'media', 'var/log'].map(path => ({ path, target: path })))

    for (const version of ['1.1', '1.2', '1.3']) {
      await release(project, version)
      await project.configure({
        shared,
        stages: { staging: { hosts: ['web1', 'web2'], keepRevisions: 2 } },
      })
      expect((await project.deploy(['staging'])).code).toBe(0)
    }
    expect((await readdir(root)).includes('shop-1.0')).toBe(false)
    expect(await readFile(join(root, 'staging/media/a'), 'utf8')).toBe('kept\n')
    expect((await stat(join(root, 'shared/config/local.ini'))).mode & 0o777).toBe(0o640)
  })

  test('is looked at on all hosts before anything is done, and all that is wrong is said at once', async () => {
    const project = await aProject()
    await rm(join(project.rootOf('web1'), 'shared/config/local.ini'))
    await put(project, 'web2', 'staging.env', '644')
    const run = await project.deploy(['staging'])
    expect(run.code).toBe(3)
    const said = `${run.stdout}${run.stderr}`
    expect(said).toMatch(`the shared file ${project.rootOn('web1')}/shared/config/local.ini is missing`)
    expect(said).toMatch(`chmod 600 ${project.rootOn('web2')}/shared/staging.env`)
    expect(await readdir(project.rootOf('web1'))).toEqual(['shared'])
  })

  test('never takes the place of something in the sdist', async () => {
    const project = await aProject()
    await release(project, '1.0', { files: { 'media/logo.png': 'x' } })
    const run = await project.deploy(['staging'])
    expect(run.code).toBe(3)
    expect(`${run.stdout}${run.stderr}`).toMatch('the sdist has media/logo.png of its own')
  })

  test('nor of what a step left there: then nothing is switched, and nothing is left', async () => {
    const project = await aProject({ verify: [script(sh`mkdir media; echo x > media/x`)] })
    const run = await project.deploy(['staging'])
    expect(run.code).toBe(4)
    expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, null))
    expect((await readdir(project.rootOf('web1'))).filter(name => name.startsWith('shop'))).toEqual([])
  })

  test('cannot be changed for a revision that stands, but for the next one', async () => {
    const project = await aProject()
    expect((await project.deploy(['prepare', 'staging'])).code).toBe(0)
    await project.configure({ shared: { directories: ['media', 'cache'], files: ['config/local.ini'] } })
    const run = await project.deploy(['staging'])
    expect(run.code).toBe(3)
    expect(`${run.stdout}${run.stderr}`).toMatch(
      'shop-1.0 was sealed without a link for cache, and with one for var/log, which is not shared any more',
    )
    await release(project, '1.1')
    expect((await project.deploy(['staging'])).code).toBe(0)
    expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.1'))
  })
})

describe('a secret', () => {
  test('comes from a file or a command, and is hidden also when it is printed in pieces and line by line', async () => {
    const slowly = script(
      sh`printf 'it is '; printf '%.7s' "$TOKEN"; sleep 1; printf '%s\n' "$TOKEN" | tail -c +8; echo "$KEY"`,
      {
        env: {
          TOKEN: secret('TOKEN', { command: ['sh', '-c', 'echo run >> count; cat token'] }),
          KEY: secret('KEY', { file: 'key' }),
        },
      },
    )
    const project = await makeProject(fleet, { verify: [slowly], hooks: { 'before:switch': [slowly] } })
    await writeFile(join(project.directory, 'token'), 'correct-horse-battery\n')
    await writeFile(join(project.directory, 'key'), '-----BEGIN-----\nMIIEvQ==\n-----END-----\n')
    await chmod(join(project.directory, 'key'), 0o600)
    await release(project, '1.0')
    const plan = await project.deploy(['staging', '--dry-run', '--json'])
    expect(plan.code).toBe(0)
    expect(await readdir(project.directory)).not.toContain('count')
    const run = await project.deploy(['staging', '--json'])
    expect(run.code).toBe(0)
    const hidden = ['it is [TOKEN]', '[KEY]', '[KEY]', '[KEY]']
    expect(outputOf(run, 'web1', 'verify')).toEqual(hidden)
    expect(outputOf(run, 'web2', 'before:switch')).toEqual(hidden)
    expect(await readFile(join(project.directory, 'count'), 'utf8')).toBe('run\n')
    expect(await readFile(join(project.rootOf('web1'), 'shop-1.0/.build.log'), 'utf8')).not.toMatch(
      /horse|MIIE/,
    )
  })

  test('whose command fails stops the command before any host is asked', async () => {
    const env = { TOKEN: secret('TOKEN', { command: ['sh', '-c', 'cat token; exit 3'] }) }
    const project = await makeProject(fleet, { env })
    await writeFile(join(project.directory, 'token'), 'correct-horse-battery\n')
    await release(project, '1.0')
    const run = await project.deploy(['staging'])
    expect(run.code).toBe(2)
    expect(run.stderr).toMatch('the secret TOKEN cannot be had: its command ended with 3')
    expect(`${run.stdout}${run.stderr}`).not.toMatch('horse')
    expect(await readdir(project.rootOf('web1'))).toEqual([])
  })
})
