import { randomBytes } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { script, sh } from '../../src/index.ts'
import type { RunningDeployment } from '../e2e/support/deploy.ts'
import { closingTable } from '../e2e/support/events.ts'
import { fleetOf, WITH_NAMESPACES } from '../e2e/support/fleet-of.ts'
import { everywhere, links } from '../e2e/support/hosts.ts'
import type { Project, ProjectConfig } from '../e2e/support/project.ts'
import { type ReleaseOptions, release } from '../e2e/support/releases.ts'
import { fatal, type LossName, losses, mendAfterEach } from './support/losses.ts'
import {
  endsWithin,
  expectAtRest,
  expectNothingRunning,
  liveOn10,
  NAMES,
  OTHERS,
  stays,
} from './support/one-of-three.ts'
import { heartbeat, inSize, UNDONE_MS } from './support/size.ts'
import { slowed } from './support/slow-link.ts'
import { printedOn, toldOf } from './support/told.ts'

const fleet = await fleetOf(NAMES)
const web2 = fleet.host('web2')
mendAfterEach(fleet)

/** Where in a run a host is lost, and how to know that the run is there. */
interface Place {
  readonly hooks?: ProjectConfig['hooks']
  readonly release?: ReleaseOptions
  /** What makes a short moment long enough. */
  readonly slow?: () => Promise<AsyncDisposable>
  there(run: RunningDeployment, project: Project): Promise<void>
}

const inStep = (slot: string): Place => ({
  hooks: { [slot]: [stays] },
  there: run => printedOn(run, NAMES, 'here with shop-1.1'),
})

/** Two gigabytes of nothing take seconds to hash, and no time to make. */
const large = script(sh`test "$DEPLOY_HOST" != web2 || truncate -s 2G nothing`, { title: 'make it large' })

const places = {
  upload: {
    release: { files: { 'data.bin': randomBytes(1_000_000).toString('hex') } },
    slow: () => slowed(web2, '2mbit'),
    there: async (_run, project) => {
      await expect.poll(() => bytesArrived(project), { timeout: 20_000, interval: 20 }).toBeGreaterThan(0)
    },
  },
  build: inStep('build'),
  verify: inStep('verify'),
  seal: {
    hooks: { build: [large] },
    there: async run => {
      await toldOf(run, ['web2'], 'step-started', '"step":"seal"')
      await toldOf(run, OTHERS, 'step-finished', '"step":"seal"')
    },
  },
  'before:switch': inStep('before:switch'),
} satisfies Readonly<Record<string, Place>>

async function bytesArrived(project: Project): Promise<number> {
  const incoming = join(project.rootOf('web2'), '.stage/incoming')
  const names = await readdir(incoming).catch(() => [])
  const sizes = await Promise.all(names.map(async name => (await stat(join(incoming, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

type Case = readonly [loss: LossName, place: keyof typeof places]

/** Every place and every loss; in full size all of them with all. */
const cases: readonly Case[] = inSize<readonly Case[]>({
  short: [
    ['its network is cut', 'upload'],
    ['it is frozen', 'build'],
    ['its remote end is killed', 'verify'],
    ['its connection breaks', 'verify'],
    ['it reboots', 'seal'],
    ['its server is stopped', 'before:switch'],
  ],
  full: Object.keys(places).flatMap(place =>
    Object.keys(losses).map((loss): Case => [loss as LossName, place as keyof typeof places]),
  ),
})

describe.runIf(WITH_NAMESPACES)('F1 F2 a host that is lost before the switch', () => {
  test.each(cases)('because %s in %s: nothing is switched, and the others stop', async (lossName, at) => {
    const loss = losses[lossName]
    const place: Place = places[at]
    const project = await liveOn10(fleet, { heartbeat })
    await project.configure({ heartbeat, hooks: place.hooks ?? {} })
    const sdist = await release(project, '1.1', place.release)
    {
      await using _slow = await place.slow?.()
      const run = project.start(['production', sdist, '--json'])
      await place.there(run, project)
      await loss.strike(web2)
      const ended = await endsWithin(run, UNDONE_MS)
      const live = 'shop-1.0'
      expect({ code: ended.code, table: closingTable(ended) }).toMatchObject({
        code: 4,
        table: {
          ...everywhere(fleet, { live, readBack: true, outcome: { kind: 'cancelled' } }),
          web2: { live, readBack: false, outcome: { kind: 'unknown' } },
        },
      })
      expect(await links(fleet, project, 'production')).toEqual(everywhere(fleet, live))
      await loss.mend(web2)
    }
    // Nobody was left to end the step of a remote end that was killed: guarantees.md says so.
    if (fatal.includes(lossName)) await web2.run(['pkill', '-KILL', '-x', 'sleep'], { as: 'root' })
    await expectNothingRunning(fleet)
    await project.configure({ heartbeat })
    const next = await project.deploy(['production', sdist])
    expect(next.code, next.stdout + next.stderr).toBe(0)
    await expectAtRest(fleet, project, 'shop-1.1')
  })
})
