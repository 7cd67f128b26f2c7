import { describe, expect, test } from 'vitest'
import type { RunningDeployment } from '../e2e/support/deploy.ts'
import { closingTable } from '../e2e/support/events.ts'
import { fleetOf, WITH_NAMESPACES } from '../e2e/support/fleet-of.ts'
import { everywhere, links } from '../e2e/support/hosts.ts'
import { release } from '../e2e/support/releases.ts'
import { beforeKeep, inStep, othersKept } from './support/half-way.ts'
import { mendAfterEach } from './support/losses.ts'
import { activate, activated, expectAtRest, givesUp, NAMES, OTHERS, status } from './support/one-of-three.ts'
import { FULL, heartbeat, inSize } from './support/size.ts'
import { toldOf } from './support/told.ts'

const fleet = await fleetOf(NAMES)
const web2 = fleet.host('web2')
mendAfterEach(fleet)

/** How long it takes to be told that a host cannot be reached. */
const ssh = { connectTimeout: inSize({ short: '4s', full: '10s' }) }

const plain = { heartbeat, ssh, hooks: { activate: [activate] } }

/** The run gives web2 up: exit 6, and what became of web2 is not said, while the others are live on this. */
async function expectWeb2Unknown(run: RunningDeployment, live: string): Promise<void> {
  const ended = await givesUp(run)
  expect({ code: ended.code, table: closingTable(ended) }).toMatchObject({
    code: 6,
    table: {
      ...everywhere(fleet, { live, readBack: FULL }),
      web2: { readBack: false, outcome: { kind: 'unknown' } },
    },
  })
}

describe.runIf(WITH_NAMESPACES)(
  'F5 a host that is lost after it has switched, and does not come back in time',
  () => {
    const ways = [
      ['frozen', () => web2.freeze('host'), () => web2.thaw()],
      ['cut off', () => web2.cutNetwork(), () => web2.mendNetwork()],
    ] as const
    test.each(inSize({ short: ways.slice(0, 1), full: [...ways] }))(
      '%s: exit 6, said as unknown; once it is back it is old, by itself',
      async (_how, strike, mend) => {
        const { project, run } = await inStep(fleet, 'activate', { heartbeat, ssh })
        await strike()
        await toldOf(run, OTHERS, 'put-back')
        await expectWeb2Unknown(run, 'shop-1.0')
        expect(await status(project)).toMatchObject({
          code: 3,
          uniform: false,
          hosts: { web2: { reachable: false } },
        })
        await mend()
        await expectAtRest(fleet, project, 'shop-1.0')
        expect(await activated(fleet, project)).toEqual(everywhere(fleet, 'shop-1.0 shop-1.1 shop-1.0'))
        await project.configure(plain)
        expect(await project.deploy(['production', await release(project, '1.2')])).toMatchObject({ code: 0 })
        await expectAtRest(fleet, project, 'shop-1.2')
      },
    )

    test.each(inSize({ short: ['a deploy'], full: ['a deploy', 'a rollback'] }))(
      'dead: exit 6; back with its link switched it is called open, and %s puts it right first',
      async next => {
        const { project, run } = await inStep(fleet, 'activate', { heartbeat, ssh })
        await web2.powerOff()
        await toldOf(run, OTHERS, 'put-back')
        await expectWeb2Unknown(run, 'shop-1.0')
        await project.configure(plain)
        expect(await status(project)).toMatchObject({ code: 3, uniform: false })
        expect(await project.deploy(['production'])).toMatchObject({ code: 3 })
        await web2.powerOn()
        expect(await links(fleet, project, 'production')).toEqual({
          ...everywhere(fleet, 'shop-1.0'),
          web2: 'shop-1.1',
        })
        expect(await status(project)).toMatchObject({
          uniform: false,
          split: null,
          hosts: { web1: { open: null }, web2: { open: expect.anything(), live: 'shop-1.1' } },
        })
        expect((await project.deploy(['status', 'production'])).stdout).toMatch(
          /web2: the switch \S+ was never kept: the next run puts it back first/,
        )
        if (next === 'a deploy') {
          expect(await project.deploy(['production', await release(project, '1.2')])).toMatchObject({
            code: 0,
          })
          await expectAtRest(fleet, project, 'shop-1.2')
          expect(await activated(fleet, project)).toEqual(
            everywhere(fleet, 'shop-1.0 shop-1.1 shop-1.0 shop-1.2'),
          )
        } else {
          // Nothing else is to be done: it is live on what it goes back to as soon as it is put right.
          const rollback = await project.deploy(['rollback', 'production', '--to', 'shop-1.0', '--yes'])
          expect(rollback.code, rollback.stdout + rollback.stderr).toBe(0)
          await expectAtRest(fleet, project, 'shop-1.0')
          expect((await activated(fleet, project))['web2']).toBe('shop-1.0 shop-1.1 shop-1.0')
        }
      },
    )
  },
)

describe.runIf(WITH_NAMESPACES)(
  'F7 a host that is lost after the first keep, and does not come back in time',
  () => {
    test('is a split: exit 6, named by status, refused by the next deploy, mended by recover', async () => {
      const { project, run, goOn } = await beforeKeep(fleet)
      await web2.freeze('host')
      await goOn()
      await othersKept(run)
      await web2.powerOff()
      await expectWeb2Unknown(run, 'shop-1.1')
      await web2.powerOn()
      const seen = await status(project)
      expect(seen).toMatchObject({
        code: 6,
        uniform: true,
        split: { hosts: NAMES, from: 'shop-1.0', to: 'shop-1.1' },
      })
      const refused = await project.deploy(['production', await release(project, '1.2')])
      expect(refused).toMatchObject({ code: 6 })
      expect(refused.stdout + refused.stderr).toMatch(/deploy recover production --forward/)
      await project.configure(plain)
      expect(await project.deploy(['recover', 'production', '--forward'])).toMatchObject({ code: 0 })
      await expectAtRest(fleet, project, 'shop-1.1')
    })
  },
)
