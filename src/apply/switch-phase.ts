import { cancelled, failed, type Outcome } from '../model/outcome.ts'
import type { PlannedPhase } from '../model/plan.ts'
import { stepsWork } from './host-phases.ts'
import { onEveryHost } from './on-every-host.ts'
import { outcomeOfError } from './outcome-of.ts'
import { phaseNamed, stepsOn, tellPhase } from './phase.ts'
import { hostOf, type Run, worsen } from './run.ts'
import { runSteps } from './run-step.ts'
import { driveSwitch } from './switch/drive-switch.ts'
import { loadUndo } from './switch/load-undo.ts'
import type { SwitchVerdict } from './switch/machine.ts'
import { undoFailure, undoStarted } from './undo.ts'

/** `before:switch`, the coordinated switch, and in it `after:switch`, activate and health. */
export async function switchPhase(run: Run, phase: PlannedPhase): Promise<SwitchVerdict> {
  const names = [...phase.hosts.keys()]
  const over = tellPhase(run, 'switch', names)
  const before = await beforeSwitch(run, phase)
  if (before.kind !== 'ok') {
    await undoBefore(run, phase)
    over()
    return 'not-switched'
  }
  const verdict =
    names.length === 0
      ? await activateOnly(run, phase, over)
      : await driveSwitch(run, names, signal => afterSwitch(run, phase, signal, over))
  over()
  return verdict
}

/** A recovery that finds every link where it should be: there is nothing to switch, and nothing to put back. */
async function activateOnly(run: Run, phase: PlannedPhase, switched: () => void): Promise<SwitchVerdict> {
  const outcome = await afterSwitch(run, phase, run.deps.interrupted, switched)
  return outcome.kind === 'ok' ? 'kept' : 'not-switched'
}

async function beforeSwitch(run: Run, phase: PlannedPhase): Promise<Outcome> {
  const signal = run.deps.interrupted
  if (signal.aborted) return cancelled
  const width = { parallel: undefined, signal, watched: run.hosts.values() }
  return onEveryHost(run, [...phase.hosts.keys()], width, async (host, stop) => {
    const steps = stepsOn(phase, host).before
    await loadUndo(run, host, steps)
    return runSteps(run, host, steps, { signal: stop })
  })
}

/** Nothing is armed yet: only the steps have to be undone. A host that is lost does that by itself. */
async function undoBefore(run: Run, phase: PlannedPhase): Promise<void> {
  await Promise.all(
    [...phase.hosts.keys()].map(async name => {
      const host = hostOf(run, name)
      try {
        await undoStarted(run, host, host.end.isLost ? 'local' : 'all')
      } catch (error) {
        worsen(host, outcomeOfError(error))
      }
      const failure = undoFailure(host)
      if (failure !== undefined) worsen(host, failed(failure))
      const left = host.started.map(step => step.id).join(', ')
      if (left === '') return
      const message = `it undoes ${left} by itself, if it still runs: \`deploy status ${run.plan.stage}\` says how that ended`
      run.deps.emit({ type: 'notice', host: name, message })
    }),
  )
}

/** What comes between the renames and the decision to keep them. */
async function afterSwitch(
  run: Run,
  phase: PlannedPhase,
  stop: AbortSignal,
  switched: () => void,
): Promise<Outcome> {
  const width = { parallel: undefined, signal: AbortSignal.any([stop, run.deps.interrupted]), watched: [] }
  const after = await onEveryHost(run, [...phase.hosts.keys()], width, (host, signal) =>
    runSteps(run, host, stepsOn(phase, host).after, { signal }),
  )
  switched()
  if (after.kind !== 'ok') return after
  for (const name of ['activate', 'health'] as const) {
    const next = phaseNamed(run.plan, name)
    if (next === undefined) continue
    const names = [...next.hosts.keys()]
    const over = tellPhase(run, name, names)
    const outcome = await onEveryHost(run, names, { ...width, parallel: next.parallel }, stepsWork(run, next))
    over()
    if (outcome.kind !== 'ok') return outcome
  }
  return after
}
