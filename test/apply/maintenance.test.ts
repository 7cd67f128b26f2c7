import { expect, test } from 'vitest'
import type { ApplyDeps } from '../../src/apply/apply.ts'
import { maintain } from '../../src/apply/maintenance.ts'
import { Refuse } from '../support/scripted-end.ts'
import { SimulatedHost } from './support/simulated-host.ts'

type Said = Parameters<ApplyDeps['emit']>[0]

async function pruneOn(hosts: readonly SimulatedHost[]) {
  const said: Said[] = []
  const ends = new Map(
    await Promise.all(hosts.map(async host => [host.name, await host.connect(60_000)] as const)),
  )
  const exit = await maintain(
    {
      runId: 'r5',
      stage: 'production',
      revisions: new Map(),
      ends,
      objection: async () => undefined,
      takeBack: undefined,
      work: async (_host, end) => {
        const { removed } = await end.request('prune', {
          stage: 'production',
          atMost: 1,
          revisions: ['shop-1.0.0'],
        })
        return `removed ${removed.join(' ')}`
      },
    },
    {
      emit: event => said.push(event),
      monotonicMs: () => performance.now(),
      interrupted: new AbortController().signal,
      waitLockMs: 0,
    },
  )
  return { exit, said }
}

const twoHosts = () => ['web1', 'web2'].map(name => new SimulatedHost(name, 'r5'))

test('the stage is locked on all hosts, then the work is done on each', async () => {
  const hosts = twoHosts()
  const { exit, said } = await pruneOn(hosts)
  expect(exit).toBe(0)
  expect(said.map(event => event.type === 'notice' && `${event.host}: ${event.message}`)).toStrictEqual([
    'web1: removed shop-1.0.0',
    'web2: removed shop-1.0.0',
  ])
  expect(hosts.map(host => host.asked)).toStrictEqual([
    ['settle', 'lock', 'prune'],
    ['settle', 'lock', 'prune'],
  ])
})

test('held by another run on one host: nothing is done on any, exit 7', async () => {
  const hosts = twoHosts()
  hosts[1]?.others.set('production', 'r1')
  const { exit } = await pruneOn(hosts)
  expect(exit).toBe(7)
  expect(hosts.map(host => host.done)).toStrictEqual([[], []])
})

test.each(['settle', 'prune'] as const)(
  'a host that fails in %s is named, and hides no other, exit 4',
  async name => {
    const hosts = twoHosts()
    for (const host of hosts)
      host.faults[name] = () => {
        throw new Refuse('read-only', 'the file system is read-only')
      }
    const { exit, said } = await pruneOn(hosts)
    expect(exit).toBe(4)
    expect(
      said.map(event => event.type === 'problem' && [event.problem.where, event.problem.message]),
    ).toStrictEqual([
      ['web1', 'the file system is read-only'],
      ['web2', 'the file system is read-only'],
    ])
  },
)
