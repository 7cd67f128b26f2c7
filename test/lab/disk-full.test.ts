import { describe, expect, test } from 'vitest'
import { script, sh } from '../../src/index.ts'
import { closingTable } from '../e2e/support/events.ts'
import { asRoot, changed } from '../e2e/support/faults.ts'
import { fleetOf, WITH_NAMESPACES } from '../e2e/support/fleet-of.ts'
import { atGate, STANDING, shutGate } from '../e2e/support/gate.ts'
import { everywhere, leftovers, links, rootListing } from '../e2e/support/hosts.ts'
import { makeProject } from '../e2e/support/project.ts'
import { release } from '../e2e/support/releases.ts'

const NAMES = ['web1', 'web2', 'web3']

/** What fills a file system from outside while a build is under way, and what makes room again. */
const faults: readonly (readonly [what: string, fill: string, free: string])[] = [
  ['bytes', 'cat /dev/zero > /var/webcode/filler 2>/dev/null || true', 'rm /var/webcode/filler'],
  [
    'inodes',
    `mkdir /var/webcode/filler && cd /var/webcode/filler && exec python3 -c '
import os
for number in range(100_000):
    try: os.mknod(str(number))
    except OSError: break
'`,
    'rm -r /var/webcode/filler',
  ],
]

describe.runIf(WITH_NAMESPACES)('F18 a disk that becomes full on one of three hosts', async () => {
  const fleet = await fleetOf(NAMES, { kind: 'namespaces', overrides: { web2: { diskMiB: 128 } } })
  await asRoot(fleet.host('web2'), 'mount -o remount,nr_inodes=8000 /var/webcode')

  /** More than the little that the gate gives back when it is opened. */
  const write = script(
    sh`set -e; head -c 1000000 /dev/zero > more; for name in a b c d; do echo > $name; done`,
  )

  test.each(faults)(
    'because there are no %s left, while it builds: exit 4, cleaned everywhere',
    async (_what, fill, free) => {
      const project = await makeProject(fleet)
      expect(await project.deploy(['staging', await release(project, '1.0')])).toMatchObject({ code: 0 })
      await project.configure({ hooks: { build: [atGate, write] } })
      const open = await shutGate(project, 'web2')
      const sdist = await release(project, '1.1')
      const run = project.start(['staging', sdist, '--json'])
      await run.printed(STANDING)
      {
        await using _full = await changed(fleet.host('web2'), fill, free)
        await open()
        const ended = await run.ended
        expect({ code: ended.code, table: closingTable(ended) }).toMatchObject({
          code: 4,
          table: everywhere(fleet, { live: 'shop-1.0' }),
        })
        expect(ended.stdout).toMatch(/No space left on device/)
        expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.0'))
        expect(await leftovers(fleet, project)).toEqual([])
        for (const name of NAMES) expect(await rootListing(project, name)).toEqual(['shop-1.0', 'staging'])
      }
      await project.configure({})
      expect(await project.deploy(['staging', sdist])).toMatchObject({ code: 0 })
      expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.1'))
    },
  )
})
