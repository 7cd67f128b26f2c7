import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { closingTable, eventsOf, outputOf, problemsOf } from './support/events.ts'
import { asRoot } from './support/faults.ts'
import { fleetOf, WITH_NAMESPACES } from './support/fleet-of.ts'
import { FULL } from './support/full-size.ts'
import { everywhere, links, runningOn } from './support/hosts.ts'
import { makeProject, withPython } from './support/project.ts'
import { release } from './support/releases.ts'
import {
  answerOn,
  brokenApplication,
  endLive,
  LIVE_PORT,
  program,
  restarted,
  webApplication,
} from './support/web-application.ts'

const fleet = await fleetOf(['web1', 'web2'])
const hooks = { activate: [restarted] }
const version = { json: 'build.version' }
const url = `http://127.0.0.1:${LIVE_PORT}/health`
const env = { SHOP_DATABASE: 'for the boot' }
const boot = { argv: [...program, '{port}'], path: '/health', version, timeout: '20s' }
const health = { url, version, answerHeaders: { 'content-type': 'json' }, interval: '100ms' }

afterEach(async () => {
  for (const host of fleet.hosts) await endLive(host)
})

const liveOn = async () =>
  Object.fromEntries(await Promise.all(fleet.hosts.map(async host => [host.name, await answerOn(host)])))

/** Every process that belongs to the application: the live one and its worker. */
const ofTheApplication = async (host: string) =>
  (await runningOn(fleet, host)).filter(command => /-m shop|sleep 3600/.test(command))

// The live one listens on the same port of every host, so each needs a network of its own.
describe.runIf(WITH_NAMESPACES)('http', () => {
  test('starts the new revision beside the live one, ends it, and asks the live one for its version', async () => {
    const http = { ...health, boot: { ...boot, env } }
    const made = await makeProject(fleet, { recipes: [withPython, { http }], hooks })
    for (const number of ['1.0', '2.0']) {
      const run = await made.deploy(['production', await release(made, number, webApplication), '--json'])
      const booted = outputOf(run, 'web1', 'verify').filter(line => line.startsWith('starting'))
      expect({ code: run.code, booted }).toEqual({ code: 0, booted: [`starting ${number}`] })
      expect(await liveOn()).toEqual(everywhere(fleet, number))
      expect(await ofTheApplication('web2')).toHaveLength(2)
    }
  })

  test.runIf(FULL)(
    'rejects a revision that does not start, shows what it printed, and leaves the live one alone',
    async () => {
      const http = { ...health, boot: { ...boot, env } }
      const made = await makeProject(fleet, { recipes: [withPython, { http }], hooks })
      expect((await made.deploy(['production', await release(made, '1.0', webApplication)])).code).toBe(0)
      const broken = await release(made, '2.0', brokenApplication)
      const run = await made.deploy(['production', broken])
      expect(run.code).toBe(4)
      expect(run.stdout).toMatch(/boot .* the program ended before it had answered: exit (status )?1/)
      expect(run.stdout).toMatch(
        /\| about to import\n(.*\n)*.*ModuleNotFoundError: No module named 'no_such_module'/,
      )
      expect(await links(fleet, made, 'production')).toEqual(everywhere(fleet, 'shop-1.0'))
      expect(await liveOn()).toEqual(everywhere(fleet, '1.0'))
      expect(await ofTheApplication('web1')).toHaveLength(2)
      expect(problemsOf(await made.deploy(['production', broken, '--json']))).toContain('web1: rejected')
    },
  )

  test('ends a revision that starts and does not answer as expected, with its workers', async () => {
    const unwell = { ...boot, env: { ...env, SHOP_STATUS: '503 Busy' }, timeout: '2s' }
    const made = await makeProject(fleet, { recipes: [withPython, { http: { boot: unwell } }] })
    const run = await made.deploy(['production', await release(made, '1.0', webApplication)])
    expect(run.code).toBe(4)
    expect(run.stdout).toContain('status 503 instead of 200')
    expect(await links(fleet, made, 'production')).toEqual(everywhere(fleet, null))
    for (const { name } of fleet.hosts) expect(await ofTheApplication(name)).toEqual([])
  })

  test.runIf(FULL)('puts every host back when one goes on with the old revision', async () => {
    const made = await makeProject(fleet, {
      recipes: [withPython, { http: { ...health, timeout: '3s' } }],
      hooks,
    })
    expect((await made.deploy(['production', await release(made, '1.0', webApplication)])).code).toBe(0)
    await fleet.host('web2').run(['touch', join(made.rootOn('web2'), 'asleep')])
    const run = await made.deploy(['production', await release(made, '2.0', webApplication), '--json'])
    expect(run.code).toBe(5)
    const failed = eventsOf(run, 'step-finished').filter(
      ({ step, host }) => step === 'health/1' && host === 'web2',
    )
    expect(failed).toMatchObject([
      {
        outcome: {
          reason: `${url}: status 200, but build.version is '1.0' instead of '2.0' or 'v2.0' or 'shop-2.0' (time limit, which http({ timeout }) lengthens)`,
        },
      },
    ])
    expect(closingTable(run)).toMatchObject(everywhere(fleet, { live: 'shop-1.0' }))
    expect(await liveOn()).toEqual(everywhere(fleet, '1.0'))
  })

  test.runIf(FULL)(
    'before the switch sees the stage, rejects nothing, and stands in no way of a rollback',
    async () => {
      const http = {
        ...health,
        boot: { ...boot, slot: 'before:switch', environmentFile: true, timeout: '5s' },
      }
      const recipes = [withPython, { http }]
      const stages = (SHOP_DATABASE: string | undefined) => ({
        production: { hosts: ['web1', 'web2'], env: SHOP_DATABASE === undefined ? {} : { SHOP_DATABASE } },
      })
      const made = await makeProject(fleet, { recipes, hooks, stages: stages('of the stage') })
      expect((await made.deploy(['production', await release(made, '1.0', webApplication)])).code).toBe(0)
      const second = await release(made, '2.0', webApplication)
      await made.configure({ recipes, hooks, stages: stages(undefined) })
      const run = await made.deploy(['production', second])
      expect(run.code).toBe(4)
      expect(run.stdout).toContain('SHOP_DATABASE is not set')
      expect(await liveOn()).toEqual(everywhere(fleet, '1.0'))
      await made.configure({ recipes, hooks, stages: stages('of the stage') })
      expect((await made.deploy(['production', second])).code).toBe(0)
      const line = "SHOP_DATABASE='of the file'"
      for (const { host, root } of ['web1', 'web2'].map(name => ({
        host: fleet.host(name),
        root: made.rootOn(name),
      })))
        await asRoot(
          host,
          `cd ${root}; mkdir -p shared; echo "${line}" > shared/production.env; chmod 600 shared/production.env; chown -R ${host.user}: shared`,
        )
      await made.configure({ recipes, hooks, stages: stages(undefined) })
      expect((await made.deploy(['production', await release(made, '3.0', webApplication)])).code).toBe(0)
      for (const name of ['web1', 'web2']) await asRoot(fleet.host(name), `rm -r ${made.rootOn(name)}/shared`)
      expect((await made.deploy(['rollback', 'production', '-y'])).code).toBe(0)
      expect(await liveOn()).toEqual(everywhere(fleet, '2.0'))
    },
  )
})
