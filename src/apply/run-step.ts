import { cancelled, failed, type Outcome, ok } from '../model/outcome.ts'
import type { PlannedStep, Task } from '../model/plan.ts'
import type { Answer } from '../remote/messages.ts'
import type { OnOutput } from './apply-deps.ts'
import { describe, outcomeOfEnd } from './outcome-of.ts'
import { isUndoneOnPutBack } from './revertible.ts'
import type { HostRun, Run } from './run.ts'
import { buildForAll, takeFromOther } from './shared-step.ts'
import { probeSpec, resolveEnv, runSpec } from './step-specs.ts'
import { type StepName, toldStep } from './told-step.ts'

/** How a slot's steps are run. */
export interface SlotOptions {
  readonly signal: AbortSignal
  /** Do they belong to the build? Then they hold the revision's lock and their output goes to `.build.log`. */
  readonly build?: boolean
}

/** Runs the steps of one slot on one host, in order, until one does not end well. A lost connection throws. */
export function runSteps(
  run: Run,
  host: HostRun,
  steps: readonly PlannedStep[],
  options: SlotOptions,
): Promise<Outcome> {
  const ended = inOrder(run, host, steps, options)
  const settled = () => undefined
  host.idle = ended.then(settled, settled)
  return ended
}

async function inOrder(
  run: Run,
  host: HostRun,
  steps: readonly PlannedStep[],
  options: SlotOptions,
): Promise<Outcome> {
  for (const step of steps) {
    if (options.signal.aborted) return cancelled
    const outcome = await runStep(run, host, step, options)
    if (outcome.kind !== 'ok') return outcome
  }
  return ok
}

async function runStep(run: Run, host: HostRun, step: PlannedStep, options: SlotOptions): Promise<Outcome> {
  if (isUndoneOnPutBack(step)) host.started.push(step)
  const name = { step: step.id, title: step.title }
  const { outcome, durationMs, verdict } = await runTask(run, host, step, { ...options, ...name })
  if (verifies(step)) {
    const result = describe(outcome)
    host.verification.push({ step: step.id, title: step.title, result, durationMs })
    if (verdict && outcome.kind === 'failed') host.rejection ??= `${step.title}: ${outcome.reason}`
  }
  return outcome
}

const verifies = ({ slot }: PlannedStep): boolean =>
  slot === 'before:verify' || slot === 'verify' || slot === 'after:verify'

/** One task among the steps of a run. */
export interface TaskOptions extends SlotOptions, StepName {
  /** The step of the armed switch that this undoes. */
  readonly undoOf?: string
}

interface Acted {
  readonly outcome: Outcome
  /** Did the task itself say so? One that was never started, or was cancelled, judges nothing. */
  readonly verdict: boolean
}

/** Runs one task where it belongs, and says so. A lost connection throws; how the task ended is an outcome. */
export async function runTask(
  run: Run,
  host: HostRun,
  task: Task,
  options: TaskOptions,
): Promise<Acted & { readonly durationMs: number }> {
  let verdict = false
  const told = await toldStep(run, host, options, async () => {
    const acted = await act(run, host, task, options)
    verdict = acted.verdict
    return acted.outcome
  })
  return { ...told, verdict }
}

async function act(run: Run, host: HostRun, task: Task, options: TaskOptions): Promise<Acted> {
  const { step, signal } = options
  const { secrets, emit } = run.deps
  const undoOf = options.undoOf ?? null
  const onOutput: OnOutput = (stream, line) =>
    emit({ type: 'output', host: host.plan.host, step, stream, line })
  switch (task.action.kind) {
    case 'local': {
      const env = resolveEnv(task.env, secrets)
      const outcome = await run.deps.runLocally(task, { env, signal, onOutput })
      return { outcome, verdict: !signal.aborted }
    }
    case 'exec': {
      const ended = await exec(run, host, { task, argv: task.action.argv }, { ...options, onOutput })
      return { outcome: outcomeOfEnd(ended), verdict: judges(ended) }
    }
    case 'build': {
      const program = { task, argv: task.action.argv }
      const outcome = await buildForAll(run, host, task.action, options, async () =>
        outcomeOfEnd(await exec(run, host, program, { ...options, onOutput })),
      )
      return { outcome, verdict: false }
    }
    case 'take':
      return { outcome: await takeFromOther(run, host, task.action, options), verdict: false }
    case 'http-probe': {
      const spec = probeSpec(task, task.action, step)
      const { ended, detail } = await host.end.request('probe', { spec, undoOf }, { signal })
      const outcome = outcomeOfEnd(ended)
      const shown = outcome.kind === 'failed' ? failed(`${spec.url}: ${detail}`) : outcome
      return { outcome: shown, verdict: judges(ended) }
    }
  }
}

/** Runs a program on the host; resolves with how it ended. */
function exec(
  run: Run,
  host: HostRun,
  { task, argv }: { readonly task: Task; readonly argv: readonly string[] },
  { step, signal, build, undoOf, onOutput }: TaskOptions & { readonly onOutput: OnOutput },
): Promise<Answer<'run'>> {
  const revision = build === true ? run.plan.revision.name : undefined
  const spec = runSpec(task, argv, { step, build: revision, secrets: run.deps.secrets })
  return host.end.request('run', { spec, undoOf: undoOf ?? null }, { signal, onOutput })
}

/** DESIGN 1: exits non-zero, times out or is killed on the host. */
const judges = ({ kind }: Answer<'run'>): boolean =>
  kind === 'exited' || kind === 'signalled' || kind === 'timed-out'
