import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { script, sh } from '../../src/index.ts'
import { closingTable } from '../e2e/support/events.ts'
import { changed } from '../e2e/support/faults.ts'
import { fleetOf, WITH_NAMESPACES } from '../e2e/support/fleet-of.ts'
import { everywhere, links } from '../e2e/support/hosts.ts'
import { release } from '../e2e/support/releases.ts'
import { FINDING_OUT } from './support/half-way.ts'
import {
  activate,
  activated,
  expectAtRest,
  givesUp,
  liveOn10,
  NAMES,
  OTHERS,
  recordOf,
  status,
} from './support/one-of-three.ts'
import { FULL, heartbeat } from './support/size.ts'
import { printedOn, toldOf } from './support/told.ts'

const fleet = await fleetOf(NAMES)
const web2 = fleet.host('web2')

/** Waits on web1 until it is let go, and fails there. */
const failsLate = script(
  sh`echo here; test "$DEPLOY_HOST" = web1 || exit 0; while test -e "$DEPLOY_ROOT/gate"; do sleep 0.05; done; exit 1`,
  { title: 'fail late' },
)

describe.runIf(WITH_NAMESPACES)('F6 a put-back that fails on one of three hosts', () => {
  test('where not even the journal can be written: exit 6, open in status, put right by the next run', async () => {
    const project = await liveOn10(fleet, { heartbeat, hooks: { activate: [activate] } })
    await project.configure({ heartbeat, hooks: { activate: [activate], health: [failsLate] } })
    const gate = join(project.rootOf('web1'), 'gate')
    await writeFile(gate, '')
    const run = project.start(['production', await release(project, '1.1'), '--json'])
    await printedOn(run, NAMES, 'here')
    {
      // What is open stays open, and nothing new can be written: as where a kernel has found an error (ext4(5), errors).
      const { root } = web2
      const readOnly = `mount --bind ${root} ${root} && mount -o remount,ro,bind ${root}`
      await using _readOnly = await changed(web2, readOnly, `umount -l ${root}`)
      await rm(gate)
      await toldOf(run, OTHERS, 'put-back')
      await run.printed(FINDING_OUT)
      const ended = await givesUp(run)
      expect({ code: ended.code, table: closingTable(ended) }).toMatchObject({
        code: 6,
        table: {
          ...everywhere(fleet, { live: 'shop-1.0', readBack: FULL }),
          web2: { live: 'shop-1.1', outcome: { kind: 'unknown' } },
        },
      })
      expect(await recordOf(project, 'web2')).toEqual(['intent', 'fired'])
      expect(await status(project)).toMatchObject({
        uniform: false,
        split: null,
        hosts: { web1: { open: null }, web2: { open: expect.any(String), live: 'shop-1.1' } },
      })
      // Nothing can be put right there yet.
      await project.configure({ heartbeat, hooks: { activate: [activate] } })
      expect(await project.deploy(['production', '--hosts', 'web2'])).toMatchObject({ code: 3 })
    }
    expect(await links(fleet, project, 'production')).toMatchObject({ web2: 'shop-1.1' })
    const next = await project.deploy(['production', await release(project, '1.2')])
    expect(next.code, next.stdout + next.stderr).toBe(0)
    await expectAtRest(fleet, project, 'shop-1.2')
    // What was activated when its link could not go back was 1.0 or 1.1: nobody knew. Now it is known.
    expect((await activated(fleet, project))['web2']).toMatch(/ shop-1\.0 shop-1\.2$/)
  })
})
