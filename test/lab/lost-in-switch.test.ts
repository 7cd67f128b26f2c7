import { describe, expect, test } from 'vitest'
import { closingTable } from '../e2e/support/events.ts'
import { fleetOf, WITH_NAMESPACES } from '../e2e/support/fleet-of.ts'
import { everywhere, links } from '../e2e/support/hosts.ts'
import { release } from '../e2e/support/releases.ts'
import { inStep } from './support/half-way.ts'
import { fatal, type LossName, losses, mendAfterEach } from './support/losses.ts'
import {
  activated,
  endsWithin,
  expectAtRest,
  expectNextRunConverges,
  liveOn10,
  NAMES,
  OTHERS,
  recordOf,
} from './support/one-of-three.ts'
import { heartbeat, inSize, UNDONE_MS } from './support/size.ts'
import { toldOf } from './support/told.ts'

const fleet = await fleetOf(NAMES)
const web2 = fleet.host('web2')
mendAfterEach(fleet)
const everyLoss = Object.keys(losses) as readonly LossName[]

/** Nobody was left to end the step of a remote end that was killed: guarantees.md says so. */
async function endOrphans(loss: LossName): Promise<void> {
  if (fatal.includes(loss)) await web2.run(['pkill', '-KILL', '-x', 'sleep'], { as: 'root' })
}

const putBack = { live: 'shop-1.0', readBack: true }

describe.runIf(WITH_NAMESPACES)('F5 a host that is lost after it has switched', () => {
  const slots = ['after:switch', 'activate', 'health'] as const
  type Case = readonly [loss: LossName, slot: (typeof slots)[number]]
  const cases = inSize<readonly Case[]>({
    short: [
      ['its network is cut', 'after:switch'],
      ['its remote end is killed', 'activate'],
      ['it reboots', 'health'],
      ['its server is stopped', 'health'],
    ],
    full: slots.flatMap(slot => everyLoss.map((loss): Case => [loss, slot])),
  })

  test.each(cases)(
    'because %s in %s: all others are put back at once, and so is it',
    async (lossName, slot) => {
      const { project, run } = await inStep(fleet, slot, { heartbeat })
      await losses[lossName].strike(web2)
      await toldOf(run, OTHERS, 'put-back')
      expect(await links(fleet, project, 'production')).toMatchObject({ web1: 'shop-1.0', web3: 'shop-1.0' })
      await losses[lossName].mend(web2)
      const ended = await endsWithin(run, UNDONE_MS)
      expect({ code: ended.code, table: closingTable(ended) }).toMatchObject({
        code: 5,
        table: {
          ...everywhere(fleet, { ...putBack, outcome: { kind: 'cancelled' } }),
          web2: {
            ...putBack,
            outcome: { kind: 'failed', reason: expect.stringMatching(/it was put back$/) },
          },
        },
      })
      await endOrphans(lossName)
      await expectAtRest(fleet, project, 'shop-1.0')
      const history = slot === 'after:switch' ? 'shop-1.0' : 'shop-1.0 shop-1.1 shop-1.0'
      expect(await activated(fleet, project)).toEqual(everywhere(fleet, history))
      for (const name of NAMES) expect(await recordOf(project, name)).toContain('put-back')
      await expectNextRunConverges(fleet, project)
    },
  )
})

describe.runIf(WITH_NAMESPACES)('F2 a host that is lost before anything was asked of it', () => {
  test('because it is frozen while the locks are asked for: bounded, and nothing is done', async () => {
    const project = await liveOn10(fleet, { heartbeat, ssh: { connectTimeout: heartbeat } })
    await web2.freeze('host')
    const sdist = await release(project, '1.1')
    const run = project.start(['production', sdist, '--json'])
    const { code } = await endsWithin(run, UNDONE_MS)
    await web2.thaw()
    expect(code).toBe(3)
    await expectAtRest(fleet, project, 'shop-1.0')
  })
})
