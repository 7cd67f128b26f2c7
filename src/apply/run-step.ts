import { failed, type Outcome, ok } from '../model/outcome.ts'
import type { Action, PlannedStep, Task } from '../model/plan.ts'
import type { EnvValue } from '../model/step.ts'
import type { Body } from '../remote/messages.ts'
import { outcomeOfEnd } from './outcome-of.ts'
import type { HostRun, OnOutput, Run } from './run.ts'

type RunSpec = Body<'run'>['spec']
type ProbeSpec = Body<'probe'>['spec']

/** Runs the steps of one slot on one host, in order, until one does not end well. */
export async function runSteps(
  run: Run,
  host: HostRun,
  steps: readonly PlannedStep[],
  signal: AbortSignal,
  build: boolean,
): Promise<Outcome> {
  for (const step of steps) {
    if (signal.aborted) return { kind: 'cancelled' }
    const outcome = await runStep(run, host, step, signal, build)
    if (outcome.kind !== 'ok') return outcome
  }
  return ok
}

async function runStep(
  run: Run,
  host: HostRun,
  step: PlannedStep,
  signal: AbortSignal,
  build: boolean,
): Promise<Outcome> {
  if (step.undo !== undefined) host.started.push(step)
  const options = { step: step.id, title: step.title, build, undoOf: undefined }
  const { outcome, durationMs } = await runTask(run, host, step, signal, options)
  if (step.slot.endsWith('verify')) {
    const result = outcome.kind === 'ok' ? 'ok' : outcome.kind === 'failed' ? outcome.reason : outcome.kind
    host.verification.push({ step: step.id, title: step.title, result, durationMs })
  }
  return outcome
}

/** How a task is called in events, and what it is to the host. */
export interface TaskOptions {
  readonly step: string
  readonly title: string
  /** Does it belong to the build? Then it holds the revision's lock and its output goes to `.build.log`. */
  readonly build: boolean
  /** The step of the armed switch that this undoes. */
  readonly undoOf: string | undefined
}

/** Runs one task where it belongs, and says so. A lost connection throws; everything else is an outcome. */
export async function runTask(
  run: Run,
  host: HostRun,
  task: Task,
  signal: AbortSignal,
  options: TaskOptions,
): Promise<{ readonly outcome: Outcome; readonly durationMs: number }> {
  const { emit, monotonicMs } = run.deps
  const name = host.plan.host
  const startedMs = monotonicMs()
  const durationMs = () => Math.round(monotonicMs() - startedMs)
  emit({ type: 'step-started', host: name, step: options.step, title: options.title })
  const onOutput: OnOutput = (stream, line) =>
    emit({ type: 'output', host: name, step: options.step, stream, line })
  const finished = (outcome: Outcome) => {
    emit({
      type: 'step-finished',
      host: name,
      step: options.step,
      title: options.title,
      outcome,
      durationMs: durationMs(),
    })
    return { outcome, durationMs: durationMs() }
  }
  try {
    return finished(await act(run, host, task, signal, options, onOutput))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    finished({ kind: 'unknown', reason })
    throw error
  }
}

async function act(
  run: Run,
  host: HostRun,
  task: Task,
  signal: AbortSignal,
  options: TaskOptions,
  onOutput: OnOutput,
): Promise<Outcome> {
  const undoOf = options.undoOf ?? null
  switch (task.action.kind) {
    case 'local':
      return run.deps.runLocally(task, { env: resolveEnv(task.env, run.deps.secrets), signal, onOutput })
    case 'exec': {
      const build = options.build ? run.plan.revision.name : null
      const spec = runSpec(task, task.action.argv, options.step, build, run.deps.secrets)
      return outcomeOfEnd(await host.end.request('run', { spec, undoOf }, { signal, onOutput }))
    }
    case 'http-probe': {
      const spec = probeSpec(task, task.action, options.step)
      const { ended, detail } = await host.end.request('probe', { spec, undoOf }, { signal })
      const outcome = outcomeOfEnd(ended)
      return outcome.kind === 'failed' ? failed(`${spec.url}: ${detail}`) : outcome
    }
  }
}

/** A task as the remote end runs it. Secrets travel in `env` only, and are named so that they can be redacted there. */
export function runSpec(
  task: Task,
  argv: readonly string[],
  step: string,
  build: string | null,
  secrets: ReadonlyMap<string, string>,
): RunSpec {
  return {
    step,
    argv: [...argv],
    env: resolveEnv(task.env, secrets),
    secret: Object.entries(task.env).flatMap(([name, value]) => (typeof value === 'string' ? [] : [name])),
    cwd: task.cwd,
    timeoutMs: task.timeoutMs,
    build,
  }
}

export function probeSpec(
  task: Task,
  action: Extract<Action, { kind: 'http-probe' }>,
  step: string,
): ProbeSpec {
  return {
    step,
    url: action.url,
    socket: action.socket ?? null,
    headers: { ...action.headers },
    status: [...action.status],
    contains: action.contains ?? null,
    intervalMs: action.intervalMs,
    attemptMs: action.attemptMs,
    timeoutMs: task.timeoutMs,
  }
}

function resolveEnv(
  env: Readonly<Record<string, EnvValue>>,
  secrets: ReadonlyMap<string, string>,
): Record<string, string> {
  const resolved: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) {
    const text = typeof value === 'string' ? value : secrets.get(value.secret)
    if (text === undefined) throw new Error(`a secret was not resolved before the run: ${name}`)
    resolved[name] = text
  }
  return resolved
}
