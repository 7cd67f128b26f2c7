import { cancelled, failed, type Outcome, ok } from '../model/outcome.ts'
import type { PlannedStep, Task } from '../model/plan.ts'
import type { Answer } from '../remote/messages.ts'
import type { OnOutput } from './apply-deps.ts'
import { bootSpec } from './boot-spec.ts'
import { callFunction } from './call-function.ts'
import { describe, outcomeOfEnd } from './outcome-of.ts'
import { isUndoneOnPutBack } from './revertible.ts'
import type { HostRun, Run } from './run.ts'
import { buildForAll, reuseKept, sendFile, takeFromOther } from './shared-step.ts'
import { probeSpec, resolveEnv, runSpec, writeFileSpec } from './step-specs.ts'
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
    const title = run.deps.hide(step.title)
    host.verification.push({ step: step.id, title, result, durationMs })
    if (verdict && outcome.kind === 'failed') host.rejection ??= `${title}: ${outcome.reason}`
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
    // Why it failed may be in records of hosts, which no secret may reach: a function, a probe says anything.
    return withoutSecrets(acted.outcome, run.deps.hide)
  })
  return { ...told, verdict }
}

function withoutSecrets(outcome: Outcome, hide: Run['deps']['hide']): Outcome {
  return 'reason' in outcome ? { ...outcome, reason: hide(outcome.reason) } : outcome
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
      const ended = await exec(run, host, specOf(task, task.action), { ...options, onOutput })
      return { outcome: outcomeOfEnd(ended, task.timeoutOption), verdict: judges(ended) }
    }
    case 'build': {
      const program = specOf(task, task.action)
      const outcome = await buildForAll(run, host, task.action, options, async () =>
        outcomeOfEnd(await exec(run, host, program, { ...options, onOutput }), task.timeoutOption),
      )
      return { outcome, verdict: false }
    }
    case 'take':
      return { outcome: await takeFromOther(run, host, task.action, options), verdict: false }
    case 'reuse':
      return { outcome: await reuseKept(run, host, task.action, options), verdict: false }
    case 'send-file':
      return { outcome: await sendFile(run, host, task.action, options), verdict: false }
    case 'http-probe': {
      const spec = probeSpec(task, task.action, step)
      const { ended, detail } = await host.end.request('probe', { spec, undoOf }, { signal })
      const outcome = outcomeOfEnd(ended, task.timeoutOption)
      const shown =
        outcome.kind === 'failed' ? failed(`${spec.url}: ${inTime(ended, detail, task)}`) : outcome
      return { outcome: shown, verdict: judges(ended) }
    }
    case 'write-file': {
      const { action } = task
      const ended = await exec(run, host, given => writeFileSpec(task, action, given), {
        ...options,
        onOutput,
      })
      return { outcome: outcomeOfEnd(ended, task.timeoutOption), verdict: judges(ended) }
    }
    case 'boot-probe': {
      const spec = bootSpec(task, task.action, specOptions(run, options))
      const { ended, detail } = await host.end.request('boot', { spec }, { signal, onOutput })
      const outcome = outcomeOfEnd(ended, task.timeoutOption)
      const shown =
        outcome.kind === 'failed'
          ? failed(detail === '' ? outcome.reason : inTime(ended, detail, task))
          : outcome
      return { outcome: shown, verdict: judges(ended) }
    }
    case 'call': {
      const env = resolveEnv(task.env, secrets)
      const print = (line: string) => onOutput('stdout', line)
      const context = { host: host.plan.host, env, signal, print }
      const outcome = await callFunction(task.action.run, context, task)
      return { outcome, verdict: !signal.aborted }
    }
  }
}

/** What the last answer to a probe was, and, where it was asked until its time was over, what gives it more. */
const inTime = ({ kind }: Answer<'run'>, detail: string, { timeoutOption }: Task): string =>
  kind === 'timed-out' ? `${detail} (time limit, which ${timeoutOption} lengthens)` : detail

type SpecOptions = Parameters<typeof runSpec>[2]
type MakeSpec = (options: SpecOptions) => ReturnType<typeof runSpec>

const specOf =
  (task: Task, action: { readonly argv: readonly string[]; readonly sudo: boolean }): MakeSpec =>
  options =>
    runSpec(task, action, options)

const specOptions = ({ plan, deps }: Run, { step, build }: TaskOptions): SpecOptions => ({
  step,
  build: build === true ? plan.revision.name : undefined,
  secrets: deps.secrets,
})

/** Runs a program on the host; resolves with how it ended. */
function exec(
  run: Run,
  host: HostRun,
  spec: MakeSpec,
  options: TaskOptions & { readonly onOutput: OnOutput },
): Promise<Answer<'run'>> {
  const { signal, undoOf = null, onOutput } = options
  return host.end.request('run', { spec: spec(specOptions(run, options)), undoOf }, { signal, onOutput })
}

/** DESIGN 1: exits non-zero, times out or is killed on the host. */
const judges = ({ kind }: Answer<'run'>): boolean =>
  kind === 'exited' || kind === 'signalled' || kind === 'timed-out'
