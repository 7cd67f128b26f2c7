import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import type { RunningDeployment } from '../e2e/support/deploy.ts'
import { fleetOf } from '../e2e/support/fleet-of.ts'
import { type ProjectConfig, withPython } from '../e2e/support/project.ts'
import type { Succession } from './support/held-run.ts'
import { type Kill, killOnce, summaryOf, workEverywhere } from './support/kill.ts'
import { NAMES } from './support/moments.ts'
import { runAfterRun } from './support/run-after-run.ts'
import { FULL, inSize } from './support/size.ts'
import { toldOf } from './support/told.ts'

const fleet = await fleetOf(NAMES)
const kills: Kill[] = []
/** Counted at the end; a split, which is allowed but never overlooked, is said at once. */
function note(kill: Kill): void {
  kills.push(kill)
  if (kill.split) process.stdout.write(`a split, seen and mended: the runner was killed in ${kill.phase}\n`)
}
afterAll(() => process.stdout.write(`${summaryOf(kills)}\n`))

/** How long a whole deploy takes that nobody disturbs. */
async function wholeMs(succession: Succession): Promise<number> {
  const wanted = await succession.next()
  const startMs = performance.now()
  expect(await succession.deploy(wanted).ended).toMatchObject({ code: 0 })
  succession.live = wanted.revision
  return performance.now() - startMs
}

/** Half of the next runs find the revision that the dead run was at, half of them are of another. */
const nextAfter = (index: number) => (index % 2 === 0 ? 'the same' : 'a newer one')

const counted = (count: number) => Array.from({ length: count }, (_, index) => [index, count] as const)

const kinds: readonly (readonly [string, { readonly count: number; readonly config: ProjectConfig }])[] = [
  ['a deploy', { count: inSize({ short: 2, full: 100 }), config: { hooks: workEverywhere } }],
  [
    'a python build',
    { count: inSize({ short: 0, full: 20 }), config: { hooks: workEverywhere, recipes: [withPython] } },
  ],
]

describe.each(kinds.filter(([, { count }]) => count > 0))(
  'F9 the runner is killed in %s',
  (_what, { count, config }) => {
    const goOn = runAfterRun(fleet, config)
    let durationMs: number | undefined

    test.each(counted(count))('at %i/%i of it', async index => {
      const now = await goOn()
      // Measured again now and then: a busy machine becomes slower, and history longer.
      if (durationMs === undefined || index % 20 === 0) durationMs = await wholeMs(now)
      const waitMs = ((index + 0.5) / count) * durationMs
      note(await killOnce(now, () => sleep(waitMs), nextAfter(index)))
    })
  },
)

const step = (run: RunningDeployment, slot: string) => run.printed(`"step":"${slot}/1"`)

/** What a run has just said when it is killed. */
const said: Readonly<Record<string, (run: RunningDeployment) => Promise<unknown>>> = {
  'phase lock': run => run.printed('"phase":"lock"'),
  'phase upload': run => run.printed('"phase":"upload"'),
  'phase build': run => run.printed('"phase":"build"'),
  'step build': run => step(run, 'build'),
  'step verify': run => step(run, 'verify'),
  'phase seal': run => run.printed('"phase":"seal"'),
  'step before:switch': run => step(run, 'before:switch'),
  'the end of before:switch, so that it arms': run =>
    toldOf(run, NAMES, 'step-finished', '"step":"before:switch/1"'),
  'the first switched': run => run.printed('"type":"switched"'),
  'step after:switch': run => step(run, 'after:switch'),
  'step activate': run => step(run, 'activate'),
  'step health': run => step(run, 'health'),
  'the end of after:health, so that it keeps': run =>
    toldOf(run, NAMES, 'step-finished', '"step":"after:health/1"'),
  'the first kept': run => run.printed('"type":"kept"'),
  'phase prune': run => run.printed('"phase":"prune"'),
}

/** In the short size, what neither an even spread nor a held run (`killed.test.ts`) hits. */
const rare = ['the first switched', 'the first kept']
const aimed = Object.keys(said).filter(name => FULL || rare.includes(name))

describe('F9 the runner is killed right after it said', () => {
  const goOn = runAfterRun(fleet, { hooks: workEverywhere })
  const repeated = counted(inSize({ short: 1, full: 3 }))
  test.each(aimed.flatMap(name => repeated.map(([index]) => [name, index] as const)))(
    '%s (%i)',
    async (name, index) => {
      const moment = said[name] ?? (() => Promise.reject(new Error(name)))
      note(await killOnce(await goOn(), moment, nextAfter(index)))
    },
  )
})

describe('F9 the runner is killed about when it keeps', () => {
  const goOn = runAfterRun(fleet, { hooks: workEverywhere })
  /** The last step before it takes a tenth of a second. */
  test.each(counted(inSize({ short: 1, full: 40 })))('%i/%i', async (index, count) => {
    const moment = async (run: RunningDeployment) => {
      await toldOf(run, NAMES, 'output', '"step":"after:health/1"')
      await sleep(80 + ((index + 0.5) / count) * 40)
    }
    note(await killOnce(await goOn(), moment, nextAfter(index)))
  })
})
