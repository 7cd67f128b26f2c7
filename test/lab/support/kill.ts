import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { type Step, script, sh } from '../../../src/index.ts'
import type { Deployment, RunningDeployment } from '../../e2e/support/deploy.ts'
import { links } from '../../e2e/support/hosts.ts'
import {
  expectLive,
  expectNothingHalfMade,
  expectNothingOpen,
  type Succession,
  startedOn,
  statusOf,
  type Wanted,
} from './held-run.ts'
import { LINK_BACK_MS, UNDONE_MS } from './size.ts'

const STAGE = 'production'
/** How often the hosts are looked at while they put themselves right. */
const LOOK_MS = 20

const work = (title: string): Step => script(sh`echo working; sleep 0.1`, { title })
const activate = script(sh`sleep 0.05; echo "$DEPLOY_REVISION" > "$DEPLOY_ROOT/active"; sleep 0.05`, {
  title: 'activate',
})

/** Real work in every phase, short: about a tenth of a second each. */
export const workEverywhere: Readonly<Record<string, readonly Step[]>> = {
  build: [work('compile')],
  verify: [work('test'), work('lint')],
  'before:switch': [work('migrate')],
  'after:switch': [work('link')],
  activate: [activate],
  health: [work('ask')],
  'after:health': [work('announce')],
  prune: [work('tidy')],
}

/** What became of one kill. */
export interface Kill {
  /** What the run said last that it was doing. */
  readonly phase: string
  /** From the death of the runner until every link was as it stayed; and until nothing of it was on any host. */
  readonly linksMs: number
  readonly undoneMs: number
  readonly split: boolean
}

/** Deploys, kills the runner when `moment` comes, and expects everything that is promised of that; then goes on as a user would. */
export async function killOnce(
  succession: Succession,
  moment: (run: RunningDeployment) => Promise<unknown>,
  again: 'the same' | 'a newer one',
): Promise<Kill> {
  const wanted = await succession.next()
  const run = succession.deploy(wanted)
  await moment(run)
  run.signal('SIGKILL')
  const killedMs = performance.now()
  const ended = await run.ended
  const { linksMs, undoneMs } = await untilAtRest(succession, killedMs)
  const live = [...new Set(Object.values(await links(succession.fleet, succession.project, STAGE)))]
  const split = live.length > 1
  if (split) await expectMended(succession, wanted)
  else await expectOne(succession, live[0] ?? null, { wanted, ended })
  await expectNothingHalfMade(succession)
  await expectNextToWork(succession, again === 'the same' ? wanted : await succession.next())
  return { phase: lastPhaseOf(ended), linksMs, undoneMs, split }
}

/** Looks on until nothing of the run is on any host. */
async function untilAtRest(
  { fleet, project }: Succession,
  sinceMs: number,
): Promise<{ readonly linksMs: number; readonly undoneMs: number }> {
  const read = async () => JSON.stringify(await links(fleet, project, STAGE))
  let seen = await read()
  let changedMs = 0
  for (;;) {
    const elapsedMs = performance.now() - sinceMs
    const now = await read()
    if (now !== seen) changedMs = elapsedMs
    seen = now
    const started = await startedOn(fleet)
    if (started.length === 0) {
      if ((await read()) !== seen) continue
      expect(changedMs).toBeLessThan(LINK_BACK_MS)
      return { linksMs: changedMs, undoneMs: elapsedMs }
    }
    expect(elapsedMs, `still there: ${started.join('; ')}`).toBeLessThan(UNDONE_MS)
    await sleep(LOOK_MS)
  }
}

async function expectOne(
  succession: Succession,
  live: string | null,
  { wanted, ended }: { readonly wanted: Wanted; readonly ended: Deployment },
): Promise<void> {
  // A run that came to its end before the kill did has kept its promise already.
  const possible = ended.code === 0 ? [wanted.revision] : [succession.live, wanted.revision]
  expect(possible).toContain(live)
  succession.live = live ?? ''
  await expectLive(succession, succession.live)
  await expectNothingOpen(succession, succession.live)
}

/** The one end that is allowed beside one revision everywhere: nobody can overlook it, and one command mends it. */
async function expectMended(succession: Succession, wanted: Wanted): Promise<void> {
  const { project } = succession
  expect(await statusOf(succession)).toMatchObject({ code: 6, split: { to: wanted.revision } })
  expect(await succession.deploy(wanted).ended).toMatchObject({ code: 6 })
  expect(await project.deploy(['recover', STAGE, '--back'])).toMatchObject({ code: 0 })
  await expectLive(succession, succession.live)
  await expectNothingOpen(succession, succession.live)
}

/** No manual step comes first. */
async function expectNextToWork(succession: Succession, wanted: Wanted): Promise<void> {
  const { code, stdout, stderr } = await succession.deploy(wanted).ended
  expect(code, stdout + stderr).toBe(0)
  succession.live = wanted.revision
  await expectLive(succession, wanted.revision)
  await expectNothingHalfMade(succession)
}

function lastPhaseOf({ code, events }: Deployment): string {
  if (code === 0) return 'over'
  const last = events.findLast(({ type }) => type === 'phase-started' || type === 'kept')
  if (last === undefined) return events.length === 0 ? 'starting' : 'connecting'
  return last.type === 'kept' ? 'kept' : String(last['phase'])
}

/** All kills in one sentence. Those that came when the run was over are none. */
export function summaryOf(tried: readonly Kill[]): string {
  const kills = tried.filter(({ phase }) => phase !== 'over')
  const phases = [...new Set(kills.map(({ phase }) => phase))]
  const fell = phases.map(phase => `${phase} ${kills.filter(kill => kill.phase === phase).length}`)
  const slowest = (times: readonly number[]) => `${Math.round(Math.max(0, ...times))} ms`
  return [
    `${kills.length} kills (${fell.join(', ')}), ${tried.length - kills.length} came too late`,
    `${kills.filter(({ split }) => split).length} splits, seen and mended; 0 lasting`,
    `links at rest after ${slowest(kills.map(({ linksMs }) => linksMs))} at most`,
    `all undone after ${slowest(kills.map(({ undoneMs }) => undoneMs))} at most`,
  ].join('; ')
}
