import { expect, test } from 'vitest'
import { Refuse } from '../support/scripted-end.ts'
import type { PlanOptions } from './support/a-plan.ts'
import { aRun } from './support/a-run.ts'
import { cut, exited } from './support/simulated-host.ts'

const activated: PlanOptions = { stands: true, steps: [['activate', 'reload']] }

/** web1 and web3 go back to where they came from, each to its own; web2 is there already. */
const back = () =>
  aRun({
    ...activated,
    recovery: { way: 'back', hosts: { web1: { to: 'shop-1.2.0' }, web3: { to: 'no link' } } },
  })

/** web1 goes forward; web2 went there itself, and nobody saw what came after it; web3 kept it. */
const forward = () =>
  aRun({
    ...activated,
    recovery: { way: 'forward', hosts: { web1: { to: 'shop-1.4.0' }, web2: { closes: 'kept' } } },
  })

test('every host is armed with its own link and with the switch that is mended', async () => {
  const run = back()
  const { exit, hosts } = await run.go()
  expect(exit).toBe(0)
  const arms = run.hosts.map(host =>
    host.bodiesOf('arm').map(({ kind, to, recovers }) => [kind, to, recovers]),
  )
  expect(arms).toStrictEqual([[['recover', 'shop-1.2.0', 's4']], [], [['recover', null, 's4']]])
  expect(Object.entries(hosts).map(([name, { live }]) => [name, live])).toStrictEqual([
    ['web1', 'shop-1.2.0'],
    ['web2', 'shop-1.3.0'],
    ['web3', undefined],
  ])
})

test('a link that names another link is back where its text says so', async () => {
  const run = aRun({ ...activated, recovery: { way: 'back', hosts: { web1: { to: 'current' } } } })
  const link = { kind: 'link', text: 'current', revision: null, dangling: false } as const
  run.host('web1').faults['read-back'] = () => ({ links: { production: link }, unrecorded: null })
  const { exit, hosts } = await run.go()
  expect([exit, hosts['web1']]).toStrictEqual([
    0,
    { live: undefined, readBack: true, outcome: { kind: 'ok' } },
  ])
})

test('each holds the lock of what it goes to, where that is a revision', async () => {
  const run = back()
  await run.go()
  expect(
    run.hosts.map(host => host.bodiesOf('lock').map(({ name, mode }) => `${name} ${mode}`)),
  ).toStrictEqual([
    ['production exclusive', 'shop-1.2.0 shared'],
    ['production exclusive', 'shop-1.3.0 shared'],
    ['production exclusive'],
  ])
})

test('a host that is there already is activated with the others, and its switch closed when they are kept', async () => {
  const run = forward()
  const { exit } = await run.go()
  expect(exit).toBe(0)
  expect(run.hosts.map(host => host.done)).toStrictEqual([
    ['fire shop-1.4.0', 'activate/1 0', 'keep shop-1.4.0'],
    ['activate/1 0', 'close s4 as kept'],
    [],
  ])
})

test('where no link has to move, what is live is activated and the switch closed', async () => {
  const run = aRun({ ...activated, recovery: { way: 'forward', hosts: { web2: { closes: 'kept' } } } })
  const { exit } = await run.go()
  expect([exit, run.host('web2').done]).toStrictEqual([0, ['activate/1 0', 'close s4 as kept']])
  expect(run.hosts.map(host => host.bodiesOf('arm').length)).toStrictEqual([0, 0, 0])
})

test('where no link has to move and the activation fails, the switch is not closed', async () => {
  const run = aRun({ ...activated, recovery: { way: 'forward', hosts: { web2: { closes: 'kept' } } } })
  run.host('web2').steps.set('activate/1', () => exited(1))
  const { exit } = await run.go()
  expect([exit, run.host('web2').done]).toStrictEqual([4, ['activate/1 1']])
})

test('one that fails is put back like any switch, and closes nothing', async () => {
  const run = forward()
  run.host('web2').steps.set('activate/1', () => exited(1))
  const { exit, hosts } = await run.go()
  expect([exit, hosts['web1']?.live]).toStrictEqual([5, 'shop-1.3.0'])
  expect(run.hosts.flatMap(host => host.bodiesOf('close-switch'))).toStrictEqual([])
})

test('a link that was taken away is put back', async () => {
  const run = back()
  run.host('web1').steps.set('activate/1', () => exited(1))
  const { exit, hosts } = await run.go()
  expect([exit, hosts['web1']?.live, hosts['web3']?.live]).toStrictEqual([5, 'shop-1.3.0', 'shop-1.3.0'])
})

test('a host that dies with its link taken away is asked what became of it', async () => {
  const run = back()
  run.host('web3').faults.fire = async (_body, usual, connection) => {
    await usual()
    return cut(connection)
  }
  const { exit, hosts } = await run.go()
  expect([exit, hosts['web3']?.live, hosts['web1']?.live]).toStrictEqual([5, 'shop-1.3.0', 'shop-1.3.0'])
})

test.each(['refused', 'lost'] as const)('a switch whose closing was %s stays split: exit 6', async how => {
  const run = forward()
  run.host('web2').faults['close-switch'] = (_body, _usual, connection) => {
    if (how === 'lost') return cut(connection)
    throw new Refuse('moved', 'the link is not what it was planned to be')
  }
  const { exit } = await run.go()
  expect([exit, run.host('web1').link]).toStrictEqual([6, 'shop-1.4.0'])
})
