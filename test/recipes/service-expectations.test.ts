import { describe, expect, test } from 'vitest'
import { type ServiceOptions, service } from '../../recipes/service.ts'
import type { ExpectContext } from '../../src/index.ts'

const worker: ServiceOptions = { name: 'shop', command: ['serve'] }

const context = (live: string | undefined): ExpectContext<Readonly<Record<string, unknown>>> => ({
  project: 'shop',
  stage: 'production',
  host: { name: 'web1', labels: [] },
  live,
  paths: {
    root: '/var/webcode',
    link: '/var/webcode/production',
    revision: live === undefined ? undefined : `/var/webcode/${live}`,
    shared: '/var/webcode/shared',
  },
  facts: { manager: { user: 'deploy', home: '/home/deploy', definitions: new Map() } },
})

/** Each field, what it should be, and what mends it. */
function expected(options: ServiceOptions): readonly string[] {
  const found = service(options).expect?.(context('shop-1.4.0')) ?? []
  return found.map(({ field, expected: wanted, mend }) => {
    const how = mend.kind === 'command' ? `on the ${mend.on}: ${mend.command}` : mend.text
    return `${field} is "${wanted}", or ${how}`
  })
}

describe('what is expected of a service', () => {
  test('of the account is its unit as rendered, enabled, and its process in the live revision', () => {
    expect(expected(worker)).toMatchInlineSnapshot(`
      [
        "service shop-production: definition is "as rendered", or the next switch of production writes /home/deploy/.config/systemd/user/shop-production.service anew, and restarts the service",
        "service shop-production: enabled is "yes", or on the host: systemctl --user enable shop-production.service",
        "service shop-production: process is "runs in shop-1.4.0", or on the host: systemctl --user restart shop-production.service",
      ]
    `)
  })

  test('of the host is mended by root', () => {
    expect(expected({ ...worker, manager: 'systemd' }).slice(1)).toMatchInlineSnapshot(`
      [
        "service shop-production: enabled is "yes", or on the host as root: systemctl enable shop-production.service",
        "service shop-production: process is "runs in shop-1.4.0", or on the host as root: systemctl restart shop-production.service",
      ]
    `)
  })

  test('of another account is that it runs: of its process nothing else can be read', () => {
    expect(expected({ ...worker, manager: 'systemd', user: 'www-data' }).at(-1)).toMatchInlineSnapshot(
      `"service shop-production: state is "runs", or on the host as root: systemctl restart shop-production.service"`,
    )
  })

  test("of an account's own supervisord is enabled by being there", () => {
    const own = {
      config: '/home/deploy/supervisord.conf',
      directory: '/home/deploy/conf.d',
      sudo: false,
    } as const
    expect(expected({ ...worker, manager: 'supervisor', supervisor: own })).toMatchInlineSnapshot(`
      [
        "service shop-production: definition is "as rendered", or the next switch of production writes /home/deploy/conf.d/shop-production.conf anew, and restarts the service",
        "service shop-production: process is "runs in shop-1.4.0", or on the host: supervisorctl -c /home/deploy/supervisord.conf restart shop-production",
      ]
    `)
  })

  test("of root's supervisord is its definition, and the process that the account can see: only root may ask", () => {
    const fields = (options: object) =>
      expected({ ...worker, manager: 'supervisor', ...options }).map(row => /: (\w+) is/.exec(`${row}`)?.[1])
    expect(fields({})).toEqual(['definition', 'process'])
    expect(fields({ user: 'www-data' })).toEqual(['definition'])
  })

  test('is nothing where nothing is live', () => {
    expect(service(worker).expect?.(context(undefined))).toEqual([])
  })
})
