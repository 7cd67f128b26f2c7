import type { Outcome } from '../model/outcome.ts'
import type { PlannedPhase } from '../model/plan.ts'
import { cleanUpBuilds } from './clean-up.ts'
import { closeSplit } from './close-split.ts'
import type { Ended } from './ended.ts'
import { buildWork, stepsWork, uploadWork } from './host-phases.ts'
import { type HostWork, onEveryHost } from './on-every-host.ts'
import { phaseNamed, tellPhase } from './phase.ts'
import { prepareHosts } from './prepare-hosts.ts'
import { pruneWork } from './prune-host.ts'
import type { Run } from './run.ts'
import { sealWork } from './seal-host.ts'
import { switchPhase } from './switch-phase.ts'

type Work = (run: Run, phase: PlannedPhase) => HostWork

/** What makes a revision stand, in this order. */
const buildPhases: readonly (readonly ['upload' | 'build' | 'verify' | 'seal', Work])[] = [
  ['upload', uploadWork],
  ['build', buildWork],
  ['verify', stepsWork],
  ['seal', sealWork],
]

/** Carries the phases of a plan out, one after the other, until one does not end well on every host. */
export async function runPhases(run: Run): Promise<Ended> {
  const { plan } = run
  const locked = tellPhase(run, 'lock', [...run.hosts.keys()])
  const notReady = await prepareHosts(run)
  locked()
  if (notReady !== undefined) return { kind: 'refused', ...notReady }

  for (const [name, work] of buildPhases) {
    const phase = phaseNamed(plan, name)
    if (phase === undefined) continue
    const outcome = await buildPhase(run, phase, work(run, phase))
    if (outcome.kind === 'ok') continue
    await cleanUpBuilds(run)
    return { kind: 'not-switched' }
  }
  const switches = phaseNamed(plan, 'switch')
  if (switches === undefined) return { kind: 'done' }
  const verdict = await switchPhase(run, switches)
  run.progress.verdict = verdict
  if (verdict === 'kept' && !(await closeSplit(run))) run.progress.verdict = 'split-or-unknown'
  const prunes = phaseNamed(plan, 'prune')
  if (verdict === 'kept' && prunes !== undefined) await prunePhase(run, prunes)
  return { kind: 'switched' }
}

async function buildPhase(run: Run, phase: PlannedPhase, work: HostWork): Promise<Outcome> {
  // By name: a host only ever waits for what one before it builds, which was begun before it then, however few at once.
  const names = [...phase.hosts.keys()].toSorted()
  const over = tellPhase(run, phase.name, names)
  const width = { parallel: phase.parallel, signal: run.deps.interrupted, watched: run.hosts.values() }
  const outcome = await onEveryHost(run, names, width, work)
  over()
  return outcome
}

/** The run is kept: a signal does not stop what is left, and nobody's loss stops the others. */
async function prunePhase(run: Run, phase: PlannedPhase): Promise<void> {
  const names = [...phase.hosts.keys()]
  const over = tellPhase(run, phase.name, names)
  const width = { parallel: phase.parallel, signal: run.deps.abandoned, watched: [] }
  await onEveryHost(run, names, width, pruneWork(run, phase))
  over()
}
