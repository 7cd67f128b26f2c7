import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { script, sh } from '../../src/index.ts'
import type { Deployment } from '../e2e/support/deploy.ts'
import { closingTable } from '../e2e/support/events.ts'
import { fleetOf, WITH_NAMESPACES } from '../e2e/support/fleet-of.ts'
import { everywhere } from '../e2e/support/hosts.ts'
import { release } from '../e2e/support/releases.ts'
import { beforeKeep, FINDING_OUT, muted, noticesOf, othersKept } from './support/half-way.ts'
import { type LossName, losses, mendAfterEach, silent } from './support/losses.ts'
import { activated, endsWithin, expectAtRest, liveOn10, NAMES, recordOf } from './support/one-of-three.ts'
import { heartbeat, inSize, UNDONE_MS } from './support/size.ts'
import { printedOn } from './support/told.ts'

const fleet = await fleetOf(NAMES)
const web2 = fleet.host('web2')
mendAfterEach(fleet)

/** What a revision needs before it is live: undone with the switch, so it has to be there again when that is kept after all. */
const prepare = script(sh`echo "$DEPLOY_REVISION" > "$DEPLOY_ROOT/prepared"`, {
  title: 'prepare',
  undo: script(sh`rm "$DEPLOY_ROOT/prepared"`),
})

const back = (live: string) => everywhere(fleet, { live, readBack: true })

describe.runIf(WITH_NAMESPACES)('F7 a connection that is lost after `keep` was sent', () => {
  /** Every host has kept: what was activated stays, whatever way that took on web2. */
  async function expectKept(run: Deployment): Promise<void> {
    expect({ code: run.code, table: closingTable(run) }).toMatchObject({ code: 0, table: back('shop-1.1') })
  }

  const cases = inSize<readonly LossName[]>({
    short: ['its remote end is killed'],
    full: Object.keys(losses) as readonly LossName[],
  })
  test.each(cases)('because %s: it is found out, and brought forward again', async lossName => {
    const { project, run, goOn } = await beforeKeep(fleet, { 'before:switch': [prepare] })
    // What is sent to it waits, so that it is lost after the decision and before it has heard of it.
    await web2.freeze('host')
    await goOn()
    await othersKept(run)
    await losses[lossName].strike(web2)
    if (silent.includes(lossName)) await run.printed(FINDING_OUT)
    await web2.thaw()
    await losses[lossName].mend(web2)
    await expectKept(await endsWithin(run, UNDONE_MS))
    expect((await recordOf(project, 'web2')).at(-1)).toBe('kept')
    expect((await activated(fleet, project))['web2']).toMatch(/ shop-1\.1$/)
    expect(await readFile(join(project.rootOf('web2'), 'prepared'), 'utf8')).toBe('shop-1.1\n')
    await expectAtRest(fleet, project, 'shop-1.1')
  })

  test('and was carried out, but its answer was lost: it is asked, and nothing is done twice', async () => {
    const { project, run, goOn } = await beforeKeep(fleet)
    const mend = await muted(web2)
    await goOn()
    await othersKept(run)
    await expect.poll(async () => (await recordOf(project, 'web2')).at(-1), { timeout: 10_000 }).toBe('kept')
    // Until it is given up: before that, what it said would arrive after all.
    await run.printed(FINDING_OUT)
    await mend()
    const ended = await endsWithin(run, UNDONE_MS)
    await expectKept(ended)
    expect(noticesOf(ended, 'web2').at(-1)).toMatch(/found with the new link; its journal says kept/)
    expect(await recordOf(project, 'web2')).toEqual(['intent', 'fired', 'kept'])
    expect(await activated(fleet, project)).toEqual(everywhere(fleet, 'shop-1.0 shop-1.1'))
    await expectAtRest(fleet, project, 'shop-1.1')
  })
})

test.runIf(WITH_NAMESPACES)(
  'F7 a host that is lost when all have kept is waited for no longer than a silence, and is said not to be read back',
  async () => {
    const lingers = script(sh`test "$DEPLOY_HOST" != web2 || { echo here; exec sleep 600; }`, {
      title: 'linger',
    })
    const project = await liveOn10(fleet, { heartbeat })
    await project.configure({ heartbeat, hooks: { prune: [lingers] } })
    const run = project.start(['production', await release(project, '1.1'), '--json'])
    await printedOn(run, ['web2'], 'here')
    await web2.cutNetwork()
    const ended = await endsWithin(run, UNDONE_MS)
    await web2.mendNetwork()
    expect({ code: ended.code, table: closingTable(ended) }).toMatchObject({
      code: 0,
      table: {
        ...back('shop-1.1'),
        web2: { live: 'shop-1.1', readBack: false, outcome: { kind: 'unknown' } },
      },
    })
    await expectAtRest(fleet, project, 'shop-1.1')
  },
)
