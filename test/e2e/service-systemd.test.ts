import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { problemsOf } from './support/events.ts'
import { fleetOf, WITH_NAMESPACES } from './support/fleet-of.ts'
import { everywhere, links } from './support/hosts.ts'
import { makeProject, type Project } from './support/project.ts'
import { release } from './support/releases.ts'
import { answerOf, application, must } from './support/supervised.ts'
import { enableLinger, mayRunSystemd, startUserSystemd, stopUserSystemd } from './support/user-systemd.ts'

const possible = WITH_NAMESPACES && (process.env['CI'] !== undefined || (await mayRunSystemd()))

describe.runIf(possible)('a service of the account under a real systemd', { timeout: 300_000 }, async () => {
  const fleet = await fleetOf(['web1'])
  const web1 = fleet.host('web1')
  afterAll(() => stopUserSystemd(web1))

  const hostile = ['a ;b "c" \'d\'', ';', '$HOME', '$', '50%', '%n', 'back\\slash', '{{ X }}', '#', "it's"]
  const serving = (name: string, port: number, changes: object = {}) => ({
    recipes: [
      {
        service: {
          ...{
            name,
            listen: port,
            env: { PYTHONPATH: '.', GREETING: 'a "b" $HOME 50% \\' },
            steady: '1s',
            within: '10s',
          },
          ...{ command: ['/usr/bin/python3', '-m', 'shop.serve', '{port}', ...hostile] },
          ...changes,
        },
      },
    ],
    stages: { production: { hosts: ['web1'] } },
  })
  const ships = async (made: Project, version: string, before = '') =>
    await made.deploy(['production', await release(made, version, application(version, before)), '--json'])
  const userctl = async (...words: readonly string[]) => {
    const uid = (await must(web1, ['id', '-u'])).trim()
    const ask = ['env', `XDG_RUNTIME_DIR=/run/user/${uid}`, 'systemctl', '--user', ...words]
    return (await web1.run(ask)).stdout.trim()
  }
  const unitOf = async (name: string) =>
    await readFile(join(web1.home, `.config/systemd/user/${name}.service`), 'utf8').catch(() => undefined)

  test('is refused where there is none, and where it would end with the last session', async () => {
    const made = await makeProject(fleet, serving('refused', 8000))
    const none = await ships(made, '1.0')
    expect({ code: none.code, problems: problemsOf(none) }).toEqual({
      code: 3,
      problems: ['web1: recipe-service-refused'],
    })
    expect(none.stdout).toContain('was not booted with systemd')
    await startUserSystemd(web1)
    const mortal = await ships(made, '1.0')
    expect(mortal.code).toBe(3)
    expect(mortal.stdout).toContain(`loginctl enable-linger ${web1.user}`)
    await enableLinger(web1)
  })

  test('runs out of the live revision with exactly its arguments and variables, and follows a switch', async () => {
    const made = await makeProject(fleet, serving('flow', 8010))
    const first = await ships(made, '1.0')
    expect({ code: first.code, problems: problemsOf(first) }).toEqual({ code: 0, problems: [] })
    expect(await answerOf(web1, 8010)).toMatchObject({
      ...{ version: '1.0', revision: 'shop-1.0', arguments: hostile, greeting: 'a "b" $HOME 50% \\' },
    })
    expect(await userctl('is-enabled', 'flow-production')).toBe('enabled')
    const unit = await unitOf('flow-production')
    expect((await ships(made, '2.0')).code).toBe(0)
    expect(await answerOf(web1, 8010)).toMatchObject({ version: '2.0', revision: 'shop-2.0' })
    expect(await unitOf('flow-production')).toBe(unit)
    expect((await made.deploy(['rollback', 'production', '--json'])).code).toBe(0)
    expect(await answerOf(web1, 8010)).toMatchObject({ version: '1.0', revision: 'shop-1.0' })
    expect(await made.deploy(['check', 'production'])).toMatchObject({ code: 0 })
    await userctl('disable', 'flow-production')
    const { code, stdout } = await made.deploy(['check', 'production'])
    expect(code).toBe(8)
    expect(stdout).toMatch(
      /service flow-production: enabled \(service-flow\)\s+yes\s+no\n.*systemctl --user enable flow-production\.service/,
    )
  })

  test('that does not come up is put back with its old unit, and the old revision runs again', async () => {
    const made = await makeProject(fleet, serving('broken', 8020))
    expect((await ships(made, '1.0')).code).toBe(0)
    const unit = await unitOf('broken-production')
    await made.configure(serving('broken', 8020, { restart: 'always' }))
    const run = await ships(made, '2.0', 'raise SystemExit("no such database")')
    expect({ code: run.code, links: await links(fleet, made, 'production') }).toEqual({
      code: 5,
      links: everywhere(fleet, 'shop-1.0'),
    })
    expect(await unitOf('broken-production')).toBe(unit)
    expect(await answerOf(web1, 8020)).toMatchObject({ version: '1.0' })
  })

  test('is gone again when its first switch is put back', async () => {
    const made = await makeProject(fleet, serving('first', 8030))
    expect((await ships(made, '1.0', 'raise SystemExit(1)')).code).toBe(5)
    expect(await unitOf('first-production')).toBe(undefined)
    expect(await userctl('list-unit-files', 'first-production.service', '--no-legend')).toBe('')
  })
})
