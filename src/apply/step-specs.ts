import type { Action, Task } from '../model/plan.ts'
import type { EnvValue } from '../model/step.ts'
import type { Body } from '../remote/messages.ts'

type RunSpec = Body<'run'>['spec']
type ProbeSpec = Body<'probe'>['spec']
type Secrets = ReadonlyMap<string, string>

/** A task as the remote end runs it. Secrets travel in `env` only, and are named so that they can be redacted there. */
export function runSpec(
  task: Task,
  argv: readonly string[],
  options: { readonly step: string; readonly build: string | undefined; readonly secrets: Secrets },
): RunSpec {
  return {
    step: options.step,
    argv: [...argv],
    env: resolveEnv(task.env, options.secrets),
    secret: Object.entries(task.env).flatMap(([name, value]) => (typeof value === 'string' ? [] : [name])),
    cwd: task.cwd,
    timeoutMs: task.timeoutMs,
    build: options.build ?? null,
  }
}

/** A probe as the remote end asks it. */
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

/** The variables of a task with its secrets filled in. A secret that is missing is a bug: they are looked up before the run. */
export function resolveEnv(
  env: Readonly<Record<string, EnvValue>>,
  secrets: Secrets,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => {
      const text = typeof value === 'string' ? value : secrets.get(value.secret)
      if (text === undefined) throw new Error(`a secret was not resolved before the run: ${name}`)
      return [name, text]
    }),
  )
}
