import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { environmentIn, eventsOf, outputOf, problemsOf } from './support/events.ts'
import { fleetOf } from './support/fleet-of.ts'
import { everywhere, links } from './support/hosts.ts'
import { withOwnCode } from './support/own-recipes.ts'
import { makeProject, type Project } from './support/project.ts'
import { release } from './support/releases.ts'

const fleet = await fleetOf(['web1', 'web2'])

const slots = [
  ...['before:upload', 'upload', 'after:upload', 'before:build', 'build', 'after:build'],
  ...['before:verify', 'verify', 'after:verify', 'before:switch', 'after:switch'],
  ...['before:activate', 'activate', 'after:activate', 'before:health', 'health', 'after:health'],
  ...['before:prune', 'prune', 'after:prune', 'failed'],
]

/** Uses everything that a recipe can have. */
const everything = `
import { defineRecipe, exec, fact, secret, sh, script } from 'stage-deploy'

const slots = ${JSON.stringify(slots)} as const

export const everything = (options: { readonly needs: number }) =>
  defineRecipe({
    name: 'everything',
    requires: ['sh'],
    facts: { processors: fact(['getconf', '_NPROCESSORS_ONLN'], Number) },
    check: ({ facts, host }) =>
      facts.processors < options.needs ? [host.name + ' has too few processors'] : [],
    env: ({ facts }) => ({ PROCESSORS: String(facts.processors) }),
    steps: ({ revision, fleet }) => ({
      ...Object.fromEntries(slots.map(slot => [slot, [exec(['env'], { cwd: '.' })]])),
      'before:switch': [
        exec(['env'], { env: { TOKEN: secret('TOKEN') } }),
        script(sh\`echo once for \${revision.name} on \${fleet.size} hosts\`, { once: true }),
      ],
      activate: [exec(['env'], { undo: exec(['touch', '../undone']) })],
    }),
  })
`

async function projectWith(needs: number, where: 'file' | 'package'): Promise<Project> {
  const made = await makeProject(fleet, {}, { format: 'ts' })
  const files =
    where === 'file'
      ? { 'deploy/everything.ts': everything }
      : {
          'node_modules/our-recipes/package.json': JSON.stringify({
            name: 'our-recipes',
            version: '1.0.0',
            type: 'module',
            exports: './index.js',
          }),
          'node_modules/our-recipes/index.js': everything
            .replace(' as const', '')
            .replace('(options: { readonly needs: number })', '(options)'),
        }
  const module = where === 'file' ? './deploy/everything.ts' : 'our-recipes'
  await withOwnCode(made, {
    files,
    imports: `import { everything } from '${module}'`,
    changes: `{ recipes: [everything({ needs: ${needs} })] }`,
  })
  await release(made, '1.0')
  return made
}

const TOKEN = 'not-to-be-seen'

test.each(['file', 'package'] as const)(
  'a recipe of an own %s is asked, and runs in every slot',
  async where => {
    const made = await projectWith(1, where)
    const run = await made.deploy(['production', '--json'], { env: { TOKEN } })
    expect({ code: run.code, problems: problemsOf(run) }).toEqual({ code: 0, problems: [] })
    const ran = eventsOf(run, 'step-finished').flatMap(({ host, step }) =>
      host === 'web2' && String(step).includes('/') ? [String(step)] : [],
    )
    expect(ran).toEqual(slots.filter(slot => slot !== 'failed').map(slot => `${slot}/1`))
    expect(outputOf(run, 'web1', 'before:switch').at(-1)).toBe('once for shop-1.0 on 2 hosts')
    expect(environmentIn(run, 'web2', 'verify')['PROCESSORS']).toMatch(/^[0-9]+$/)
    expect(environmentIn(run, 'web2', 'before:switch')['TOKEN']).toBe('[TOKEN]')
    expect(`${run.stdout}${run.stderr}`.includes(TOKEN)).toBe(false)
  },
)

test('what a recipe adds stands in the plan with its name', async () => {
  const made = await projectWith(1, 'file')
  const { stdout } = await made.deploy(['production', '--dry-run'])
  const added = stdout.split('\n').filter(line => line.includes('(everything'))
  expect(added.map(line => line.trim())).toContain('env (everything, before:switch, 10 min)')
  expect(stdout).toContain('with TOKEN=[secret TOKEN]')
})

test('a check of a recipe refuses a run before any host is changed', async () => {
  const made = await projectWith(1_000_000, 'file')
  const run = await made.deploy(['production', '--json'], { env: { TOKEN } })
  expect({ code: run.code, problems: problemsOf(run) }).toEqual({
    code: 3,
    problems: ['web1: recipe-everything', 'web2: recipe-everything'],
  })
})

test('a function of the configuration is called on the runner, and what it throws fails the run', async () => {
  const made = await makeProject(fleet, {}, { format: 'ts' })
  await withOwnCode(made, {
    imports: `import { writeFile } from 'node:fs/promises'\nimport { call, secret } from 'stage-deploy'`,
    changes: `{
      hooks: {
        'before:switch': [call('Tell the monitor', async ({ env, host, print }) => {
          print('token ' + env.TOKEN)
          await writeFile('called', host + ' ' + env.DEPLOY_STAGE + ' ' + env.DEPLOY_REVISION)
        }, { env: { TOKEN: secret('TOKEN') } })],
        health: [call('Ask the monitor', async ({ env }) => {
          if (env.DEPLOY_VERSION === '2.0') throw new Error('the monitor is red')
        })],
      },
    }`,
  })
  const dry = await made.deploy(['production', await release(made, '1.0'), '--dry-run'])
  expect(dry.stdout).toContain('call a function of the configuration, on this machine')
  const json = await made.deploy(['production', '--dry-run', '--json'])
  expect(json.stdout).toContain('{"kind":"call","run":"opaque"}')
  const first = await made.deploy(['production', '--json'], { env: { TOKEN } })
  expect(first.code).toBe(0)
  expect(await readFile(join(made.directory, 'called'), 'utf8')).toBe('web1 production shop-1.0')
  expect(outputOf(first, 'web1', 'before:switch')).toEqual(['token [TOKEN]'])
  const second = await made.deploy(['production', await release(made, '2.0'), '--json'], { env: { TOKEN } })
  expect(second.code).toBe(5)
  expect(second.stdout).toContain('the monitor is red')
  expect(await links(fleet, made, 'production')).toEqual(everywhere(fleet, 'shop-1.0'))
})
