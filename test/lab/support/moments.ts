import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { RunningDeployment } from '../../e2e/support/deploy.ts'
import { journal } from '../../e2e/support/hosts.ts'
import type { Fleet } from '../../support/fleet.ts'
import { type HeldSlot, hold, letGo, type Succession, type Wanted } from './held-run.ts'
import { slowed } from './slow-link.ts'
import { toldOf } from './told.ts'

/** The hosts of these tests. */
export const NAMES = ['web1', 'web2', 'web3']

/** A run brought to a moment, where it stays. */
export interface Brought {
  readonly wanted: Wanted
  readonly run: RunningDeployment
}

/** One place in a run, and how to bring a run there so that it stays. */
export interface Moment {
  readonly name: string
  /** Of the switch: nothing has been fired, something has and nothing is kept, the decision has been made. */
  readonly side: 'before' | 'during' | 'after'
  /** The run itself waits here for a host's program, which a signal does not end. */
  readonly goesOn?: true
  reach(succession: Succession): Promise<Brought>
}

/** Hosts stop where the lab makes them: a step that stays, or a frozen server that leaves a question unanswered. */
export const moments: readonly Moment[] = [
  {
    name: 'connecting',
    side: 'before',
    reach: withoutWeb1,
  },
  {
    name: 'lock',
    side: 'before',
    reach: async succession => {
      const { fleet } = succession
      const { wanted, run } = await withoutWeb1(succession)
      // They are asked at once what they have. By now they have answered, and are waiting for web1.
      await sleep(1_000)
      await fleet.host('web2').freeze()
      await fleet.host('web1').thaw()
      await run.printed('"phase":"lock"')
      return { wanted, run }
    },
  },
  {
    name: 'upload',
    side: 'before',
    reach: async succession => {
      const { fleet } = succession
      // So slow, or where no link can be slowed so much, that it is still under way when its first part has arrived.
      const maySlow = fleet.kind === 'namespaces'
      const ballast = randomBytes(maySlow ? 3e6 : 24e6).toString('latin1')
      const wanted = await succession.next({ files: { 'ballast.txt': ballast } })
      await using _slow = maySlow ? await slowed(fleet.host('web2'), '8mbit') : undefined
      const run = succession.deploy(wanted)
      await toldOf(run, ['web2'], 'progress')
      await fleet.host('web2').freeze()
      return { wanted, run }
    },
  },
  heldIn('build', 'before'),
  heldIn('verify', 'before'),
  {
    name: 'seal',
    side: 'before',
    reach: async succession => {
      const brought = await silentAfter(succession, 'verify')
      await brought.run.printed(/"phase-started"[^\n]*"phase":"seal"/)
      return brought
    },
  },
  heldIn('before:switch', 'before'),
  {
    name: 'arm',
    side: 'before',
    reach: async succession => {
      const brought = await silentAfter(succession, 'before:switch')
      await untilArmed(succession, ['web1', 'web3'], brought.wanted)
      return brought
    },
  },
  {
    name: 'fire',
    side: 'during',
    reach: async succession => {
      const { fleet } = succession
      const wanted = await succession.next()
      await hold(succession, ['web3'], wanted, 'before:switch')
      const run = succession.deploy(wanted)
      await toldOf(run, ['web1', 'web2'], 'step-finished', '"step":"before:switch/1"')
      await toldOf(run, ['web3'], 'output', 'held')
      // Long enough for a heartbeat: hosts that were just heard are not asked once more before `fire`.
      await sleep(3_000)
      // web1 does not say that it is armed until web2, which has said so, no longer hears what comes next.
      await fleet.host('web1').freeze()
      await letGo(succession)
      await untilArmed(succession, ['web2', 'web3'], wanted)
      await sleep(200)
      await fleet.host('web2').freeze()
      await fleet.host('web1').thaw()
      await toldOf(run, ['web1', 'web3'], 'switched')
      return { wanted, run }
    },
  },
  heldIn('after:switch', 'during'),
  heldIn('activate', 'during'),
  heldIn('health', 'during'),
  heldIn('after:health', 'during'),
  {
    name: 'keep',
    side: 'after',
    reach: async succession => {
      const brought = await silentAfter(succession, 'after:health')
      await toldOf(brought.run, ['web1', 'web3'], 'kept')
      return brought
    },
  },
  { ...heldIn('before:prune', 'after'), name: 'prune', goesOn: true },
]

/**
 * In the short size every moment is met by one of the ways to end a runner; by all of them where each finds
 * something else under way.
 */
export const metInShort: Readonly<Record<'byKill' | 'bySignal' | 'byTwoSignals', readonly string[]>> = {
  byKill: ['connecting', 'upload', 'seal', 'arm', 'fire', 'activate', 'keep'],
  bySignal: ['lock', 'build', 'verify', 'fire', 'after:health', 'keep', 'prune'],
  byTwoSignals: ['before:switch', 'fire', 'after:switch', 'health', 'keep'],
}
const forgotten = moments.filter(({ name }) => !Object.values(metInShort).flat().includes(name))
if (forgotten.length > 0) throw new Error(`nothing meets ${forgotten.map(({ name }) => name).join(', ')}`)

/** All hosts stay in a slot. */
export function heldIn(slot: HeldSlot, side: Moment['side']): Moment {
  return {
    name: slot,
    side,
    reach: async succession => {
      const wanted = await succession.next()
      await hold(succession, NAMES, wanted, slot)
      const run = succession.deploy(wanted)
      await toldOf(run, NAMES, 'output', 'held')
      return { wanted, run }
    },
  }
}

/** The run has reached all hosts but web1, whose server does not answer. */
async function withoutWeb1(succession: Succession): Promise<Brought> {
  const wanted = await succession.next()
  await succession.fleet.host('web1').freeze()
  const run = succession.deploy(wanted)
  await toldOf(run, ['web2', 'web3'], 'host-connected')
  return { wanted, run }
}

/** All hosts come out of a slot, web2 deaf from then on: what the run asks next it does not answer. */
async function silentAfter(succession: Succession, slot: HeldSlot): Promise<Brought> {
  const wanted = await succession.next()
  await hold(succession, ['web1'], wanted, slot)
  const run = succession.deploy(wanted)
  await toldOf(run, ['web2', 'web3'], 'step-finished', `"step":"${slot}/1"`)
  await toldOf(run, ['web1'], 'output', 'held')
  await succession.fleet.host('web2').freeze()
  await letGo(succession)
  return { wanted, run }
}

/** A host that is armed has written down what it is about to do. */
async function untilArmed(
  { project }: Succession,
  hosts: readonly string[],
  { revision }: Wanted,
): Promise<void> {
  for (const host of hosts)
    await expect
      .poll(async () => (await journal(project, host)).at(-1), { interval: 10, timeout: 20_000 })
      .toMatchObject({ what: 'intent', to: revision })
}

/** Whatever was stopped goes on. */
export async function thawAll({ hosts }: Fleet): Promise<void> {
  for (const { thaw } of hosts) await thaw()
}
