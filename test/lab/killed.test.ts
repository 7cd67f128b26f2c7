import { describe, expect, test } from 'vitest'
import { closingTable } from '../e2e/support/events.ts'
import { fleetOf } from '../e2e/support/fleet-of.ts'
import { everywhere, journal, links } from '../e2e/support/hosts.ts'
import {
  beginSuccession,
  expectLive,
  expectNothingHalfMade,
  expectNothingOpen,
  letGo,
  type Succession,
  startedOn,
} from './support/held-run.ts'
import { heldIn, type Moment, metInShort, moments, NAMES, thawAll } from './support/moments.ts'
import { runAfterRun } from './support/run-after-run.ts'
import { FULL, heartbeat, LINK_BACK_MS, UNDONE_MS } from './support/size.ts'

const fleet = await fleetOf(NAMES)

/** A third of the heartbeat is how old the last sign of life of a host may be when `fire` leaves. */
const goOn = runAfterRun(fleet, { heartbeat: '15s' })

/** By themselves and within the promised times; then nothing of the dead run is on any host, and no lock. */
async function expectPutRight(now: Succession, revision: string): Promise<void> {
  await expect
    .poll(() => links(fleet, now.project, 'production'), { timeout: LINK_BACK_MS, interval: 50 })
    .toEqual(everywhere(fleet, revision))
  await expect.poll(() => startedOn(fleet), { timeout: UNDONE_MS, interval: 50 }).toEqual([])
  await expectLive(now, revision)
  await expectNothingHalfMade(now)
  await expectNothingOpen(now, revision)
}

/** What the journal of a host says of its latest switch. */
async function latestSwitch({ project }: Succession, host: string): Promise<readonly unknown[]> {
  const lines = await journal(project, host)
  const id = lines.findLast(({ what }) => what === 'intent')?.['id']
  return lines.filter(line => line['id'] === id).map(({ what }) => what)
}

const met = moments.filter(({ name }) => FULL || metInShort.byKill.includes(name))

describe('F9 SIGKILL', () => {
  test.each(met.map(moment => [moment.name, moment] as const))('at: %s', async (_name, { reach, side }) => {
    const now = await goOn()
    const { run, wanted } = await reach(now)
    run.signal('SIGKILL')
    expect((await run.ended).code).toBe(-1)
    await thawAll(fleet)
    await expectPutRight(now, side === 'after' ? wanted.revision : now.live)
    if (side === 'during')
      for (const host of NAMES) expect(await latestSwitch(now, host)).toContain('put-back')
    await letGo(now)
    const again = await now.deploy(wanted).ended
    expect(again.code, again.stderr).toBe(0)
    now.live = wanted.revision
    await expectLive(now, now.live)
    await expectNothingHalfMade(now)
  })
})

/** In the short size one of the two tests at each of the two moments. */
const frozenAt = (kept: Moment, ...others: readonly Moment[]) =>
  (FULL ? [kept, ...others] : [kept]).map(moment => [moment.name, moment] as const)
const verify = heldIn('verify', 'before')
const activate = heldIn('activate', 'during')

describe('F9 a runner that is frozen', () => {
  test.each(frozenAt(activate, verify))(
    'at: %s keeps its connections, and the hosts notice its silence',
    async (_name, { reach, side }) => {
      const now = await beginSuccession(fleet, { heartbeat })
      const { run } = await reach(now)
      run.signal('SIGSTOP')
      await expectPutRight(now, now.live)
      run.signal('SIGCONT')
      const ended = await run.ended
      expect(ended.code, ended.stderr).toBe(side === 'before' ? 4 : 5)
      expect(closingTable(ended)).toMatchObject(everywhere(fleet, { live: now.live }))
      await letGo(now)
      await expectPutRight(now, now.live)
    },
  )

  test.each(frozenAt(verify, activate))(
    'at: %s has lost its locks: it changes nothing of what another run did',
    async (_name, { reach, side }) => {
      const now = await beginSuccession(fleet, { heartbeat })
      const { run } = await reach(now)
      run.signal('SIGSTOP')
      await expect.poll(() => startedOn(fleet), { timeout: UNDONE_MS, interval: 50 }).toEqual([])
      const other = await now.next()
      expect(await now.deploy(other).ended).toMatchObject({ code: 0 })
      run.signal('SIGCONT')
      const { code, stderr } = await run.ended
      // It had switched, and its hosts are on neither of its revisions.
      expect(code, stderr).toBe(side === 'before' ? 4 : 6)
      await expectPutRight(now, other.revision)
    },
  )
})
