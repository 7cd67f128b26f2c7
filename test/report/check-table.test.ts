import { expect, test } from 'vitest'
import type { Drift, HostCheck, Mend, SharedBuilder, StageCheck } from '../../src/model/check.ts'
import { formatCheck } from '../../src/report/check-table.ts'
import { withoutColour } from '../../src/report/paint.ts'
import { noon } from './builders.ts'

const command = (on: 'runner' | 'host' | 'host as root', text: string): Mend => ({
  kind: 'command',
  on,
  command: text,
})

const aDrift = (field: string, mend: Mend, changes: Partial<Drift> = {}): Drift => ({
  ...{ field, expected: 'read-only', actual: '0644', severity: 'drift', recipe: undefined, mend },
  ...changes,
})

const read = (...drift: readonly Drift[]): HostCheck => readAt('shop-1.4.0', drift)

const readAt = (
  live: string | undefined,
  drift: readonly Drift[],
  builders: readonly SharedBuilder[] = [],
): HostCheck => ({
  kind: 'read',
  live,
  builders,
  account: { user: 'deploy', group: 'deploy', groups: ['deploy'] },
  clock: { offsetMs: 0, errorMs: 1 },
  drift,
})

const unread: HostCheck = {
  kind: 'unread',
  code: 'unreachable',
  reason: 'connection refused',
  hint: 'is it up?',
}

const formatted = (hosts: Readonly<Record<string, HostCheck>>, split?: StageCheck['split']): string =>
  `\n${formatCheck([{ stage: 'production', split, hosts: new Map(Object.entries(hosts)) }], withoutColour)}\n`

test('where all is as expected one line says what is live', () => {
  const hosts = { web1: read(), web2: read(), web3: readAt(undefined, []) }
  expect(formatted(hosts)).toMatchInlineSnapshot(`
    "
    production  as expected: shop-1.4.0 on 2 hosts, nothing live on 1 host
    "
  `)
})

test('who built what hosts have installed is one line for all that have it of the same run', () => {
  const by = (host: string, stage: string): SharedBuilder => ({
    ...{ share: 'wheels', host, stage },
    ...{ run: 'r1', atMs: noon },
  })
  const hosts = {
    web1: readAt('shop-1.4.0', [], [by('s1', 'staging')]),
    web2: readAt('shop-1.4.0', [], [by('s1', 'staging')]),
    web3: readAt('shop-1.4.0', [], [by('web3', 'production')]),
    web4: read(),
  }
  expect(formatted(hosts)).toMatchInlineSnapshot(`
    "
    production  as expected: shop-1.4.0 on 4 hosts
      wheels of shop-1.4.0 on web1, web2: built by s1 of staging on 2026-11-20 12:00 UTC
      wheels of shop-1.4.0 on web3: built by web3 of production on 2026-11-20 12:00 UTC
    "
  `)
})

test('what differs is a row with what mends it; alike on several hosts it is one row', () => {
  const mode = aDrift('shop-1.4.0/src/a.py: mode', command('host', 'chmod a-w a.py'))
  const owner = aDrift('root: owner', command('host as root', 'chown deploy /var/webcode'))
  const link = aDrift('link', command('runner', 'deploy rollback production'))
  const unit = aDrift('unit\u001b[31m', { kind: 'advice', text: 'start it' }, { recipe: 'worker' })
  expect(
    formatted({ web1: read(mode, owner), web2: read(mode, link), web3: read(unit) }),
  ).toMatchInlineSnapshot(`
    "
    production  3 of 3 hosts not as expected
      host        field                      expected   actual
      web1, web2  shop-1.4.0/src/a.py: mode  read-only  0644
        → on web1, web2: chmod a-w a.py
      web1        root: owner                read-only  0644
        → on web1, as root: chown deploy /var/webcode
      web2        link                       read-only  0644
        → deploy rollback production
      web3        unit (worker)              read-only  0644
        → start it
    "
  `)
})

test('a warning is a row, and the stage is as expected', () => {
  const clock = aDrift('clock', { kind: 'advice', text: 'set it' }, { severity: 'warning' })
  expect(formatted({ web1: read(clock) })).toMatchInlineSnapshot(`
    "
    production  as expected: shop-1.4.0 on 1 host
      host  field  expected   actual
      web1  clock  read-only  0644
        → set it
    "
  `)
})

test('a path of any length is told to its end', () => {
  const path = `shop-1.4.0/${'deep/'.repeat(60)}end.py`
  expect(formatted({ web1: read(aDrift(path, command('host', 'true'))) }).split('\n')[3]).toContain(path)
})

test('a host that could not be read is told under the table', () => {
  expect(formatted({ web1: read(), web2: unread })).toMatchInlineSnapshot(`
    "
    production  1 host not read
      ✖ web2 could not be read: connection refused
        → is it up?
    "
  `)
})

test('a split comes first, with the commands that mend it', () => {
  const hosts = new Map([
    ['web1', 'kept'],
    ['web2', 'open'],
  ] as const)
  const split = { id: 's1', from: 'shop-1.3.0', to: 'shop-1.4.0', atMs: noon, hosts }
  expect(formatted({ web1: read(), web2: read() }, split)).toMatchInlineSnapshot(`
    "
    production  split
      ✖ the switch s1 of 2026-11-20 12:00:00Z, shop-1.3.0 → shop-1.4.0, is split: kept on web1; open on web2
        → deploy recover production --back
        → deploy recover production --forward
    "
  `)
})
