import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { closingTable } from '../e2e/support/events.ts'
import { fleetOf, WITH_NAMESPACES } from '../e2e/support/fleet-of.ts'
import { everywhere, links } from '../e2e/support/hosts.ts'
import { armed, SOON, TOO_SILENT_MS } from './support/half-way.ts'
import { fatal, type LossName, losses, mendAfterEach, silent } from './support/losses.ts'
import {
  endsWithin,
  expectAtRest,
  expectNextRunConverges,
  NAMES,
  OTHERS,
  recordOf,
} from './support/one-of-three.ts'
import { inSize, UNDONE_MS } from './support/size.ts'

const fleet = await fleetOf(NAMES)
const web2 = fleet.host('web2')
mendAfterEach(fleet)

const putBack = { live: 'shop-1.0', readBack: true }

describe.runIf(WITH_NAMESPACES)('F5 a host that is lost between armed and fire', () => {
  const cases = inSize<readonly LossName[]>({
    short: ['its connection breaks', 'its network is cut'],
    full: Object.keys(losses) as readonly LossName[],
  })
  test.each(cases)('because %s: nobody is fired, all disarm', async lossName => {
    const { project, run, goOn } = await armed(fleet)
    await losses[lossName].strike(web2)
    // It is not lost yet, and must not pass for being there. Another loss is seen, if not in the same moment.
    if (silent.includes(lossName)) await sleep(TOO_SILENT_MS)
    else await expect.poll(() => recordOf(project, 'web1'), SOON).toContain('put-back')
    await goOn()
    const ended = await endsWithin(run, UNDONE_MS)
    expect({ code: ended.code, table: closingTable(ended) }).toMatchObject({
      code: 4,
      table: {
        ...everywhere(fleet, { ...putBack, outcome: { kind: 'cancelled' } }),
        web2: { live: 'shop-1.0', outcome: { kind: 'unknown' } },
      },
    })
    await losses[lossName].mend(web2)
    for (const name of OTHERS) expect(await recordOf(project, name)).toEqual(['intent', 'put-back'])
    expect(await recordOf(project, 'web2')).not.toContain('fired')
    expect(await links(fleet, project, 'production')).toEqual(everywhere(fleet, 'shop-1.0'))
    if (!fatal.includes(lossName)) await expectAtRest(fleet, project, 'shop-1.0')
    await expectNextRunConverges(fleet, project)
  })
})
