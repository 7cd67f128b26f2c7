import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Deployment } from '../e2e/support/deploy.ts'
import { closingTable, eventsOf } from '../e2e/support/events.ts'
import { fleetOf, WITH_NAMESPACES } from '../e2e/support/fleet-of.ts'
import { everywhere } from '../e2e/support/hosts.ts'
import { armed, FINDING_OUT, linkIs, muted, noticesOf, othersFired } from './support/half-way.ts'
import { killRemoteEnd, mendAfterEach, stopRemoteEnd } from './support/losses.ts'
import { endsWithin, expectAtRest, NAMES, OTHERS, recordOf } from './support/one-of-three.ts'
import { FULL, UNDONE_MS } from './support/size.ts'

const fleet = await fleetOf(NAMES)
const web2 = fleet.host('web2')
mendAfterEach(fleet)

const back = (live: string) => everywhere(fleet, { live, readBack: true })

describe.runIf(WITH_NAMESPACES)('F7 a connection that is lost after `fire` was sent', () => {
  /** web2 was there when the barrier asked, and is not when `fire` is to be answered: it was asked a moment before. */
  async function expectPutBack(run: Deployment, found: RegExp): Promise<void> {
    expect({ code: run.code, table: closingTable(run) }).toMatchObject({ code: 5, table: back('shop-1.0') })
    expect(noticesOf(run, 'web2')).toEqual([
      expect.stringMatching(/finding out on a new connection/),
      expect.stringMatching(found),
    ])
  }

  test('and did not arrive: it is asked on a new connection, and had not switched', async () => {
    const { project, run, goOn } = await armed(fleet, { forFire: true })
    await web2.freeze('host')
    await goOn()
    await othersFired(project)
    await web2.killSessions()
    await web2.thaw()
    await expectPutBack(
      await endsWithin(run, UNDONE_MS),
      /found with the old link; its journal says put-back/,
    )
    expect(await recordOf(project, 'web2')).toEqual(['intent', 'put-back'])
    await expectAtRest(fleet, project, 'shop-1.0')
  })

  if (FULL)
    test('and arrived with the end of its connection: wherever that met it, it is old', async () => {
      const { project, run, goOn } = await armed(fleet, { forFire: true })
      await stopRemoteEnd(web2)
      await goOn()
      await othersFired(project)
      // For the few bytes of `fire` to pass its SSH server; both orders are right.
      await sleep(200)
      await web2.killSessions()
      await web2.thaw()
      await expectPutBack(
        await endsWithin(run, UNDONE_MS),
        /found with the old link; its journal says put-back/,
      )
      expect((await recordOf(project, 'web2')).at(-1)).toBe('put-back')
      await expectAtRest(fleet, project, 'shop-1.0')
    })

  test('and was carried out, but its answer was lost: it is asked, and has put itself back', async () => {
    const { project, run, goOn } = await armed(fleet, { forFire: true })
    const mend = await muted(web2)
    await goOn()
    await linkIs(fleet, project, 'web2', 'shop-1.1')
    // Until it is given up: before that, what it said would arrive after all.
    await run.printed(FINDING_OUT)
    await mend()
    const ended = await endsWithin(run, UNDONE_MS)
    await expectPutBack(ended, /found with the old link; its journal says put-back/)
    expect(
      eventsOf(ended, 'switched')
        .map(({ host }) => host)
        .toSorted(),
    ).toEqual(OTHERS)
    expect((await recordOf(project, 'web2')).slice(0, 3)).toEqual(['intent', 'fired', 'put-back'])
    await expectAtRest(fleet, project, 'shop-1.0')
  })

  test('and was carried out by a remote end that then died: it is found switched, and put back', async () => {
    const { project, run, goOn } = await armed(fleet, { forFire: true })
    const mend = await muted(web2)
    await goOn()
    await linkIs(fleet, project, 'web2', 'shop-1.1')
    await killRemoteEnd(web2)
    await mend()
    await expectPutBack(await endsWithin(run, UNDONE_MS), /found with the new link; its journal says open/)
    expect((await recordOf(project, 'web2')).at(-1)).toBe('put-back')
    await expectAtRest(fleet, project, 'shop-1.0')
  })
})
