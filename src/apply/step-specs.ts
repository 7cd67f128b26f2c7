import type { Action, Task } from '../model/plan.ts'
import type { EnvValue } from '../model/step.ts'
import type { Body } from '../remote/messages.ts'

type RunSpec = Body<'run'>['spec']
type ProbeSpec = Body<'probe'>['spec']
type Secrets = ReadonlyMap<string, string>

/** A task as the remote end runs it. Secrets travel in `env` only, and are named so that they can be redacted there. */
export function runSpec(
  task: Task,
  { argv, sudo = false }: { readonly argv: readonly string[]; readonly sudo?: boolean },
  options: { readonly step: string; readonly build: string | undefined; readonly secrets: Secrets },
): RunSpec {
  return {
    step: options.step,
    argv: [...argv],
    env: resolveEnv(task.env, options.secrets),
    secret: Object.entries(task.env).flatMap(([name, value]) => (typeof value === 'string' ? [] : [name])),
    cwd: task.cwd,
    timeoutMs: task.timeoutMs,
    sudo,
    input: null,
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
    ...probeFields(action),
    timeoutMs: task.timeoutMs,
  }
}

/** Which answer is good, and how often it is asked for. */
export function probeFields(
  action: Extract<Action, { kind: 'http-probe' | 'boot-probe' }>,
): Omit<ProbeSpec, 'step' | 'url' | 'socket' | 'timeoutMs'> {
  const { headers, status, contains, matches, json, answerHeaders, intervalMs, attemptMs } = action
  return {
    headers: { ...headers },
    status: [...status],
    contains: contains ?? null,
    matches: [...matches],
    json: Object.fromEntries(Object.entries(json).map(([path, values]) => [path, [...values]])),
    answerHeaders: { ...answerHeaders },
    intervalMs,
    attemptMs,
  }
}

/**
 * The writing of a file as the remote end runs it. Its content, secrets filled in, is nothing but input: it is in no argument,
 * and the program has no variables that it does not need.
 */
export function writeFileSpec(
  task: Task,
  { path, content, mode, sudo }: Extract<Action, { kind: 'write-file' }>,
  options: Parameters<typeof runSpec>[2],
): RunSpec {
  const input = content.map(part => filledIn('its text', part, options.secrets)).join('')
  const argv = ['@write-file', path, `0${mode.toString(8).padStart(3, '0')}`, `${Buffer.byteLength(input)}`]
  return { ...runSpec({ ...task, env: {} }, { argv, sudo }, options), input }
}

/** The variables of a task with its secrets filled in. A secret that is missing is a bug: they are looked up before the run. */
export function resolveEnv(
  env: Readonly<Record<string, EnvValue>>,
  secrets: Secrets,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, filledIn(name, value, secrets)]),
  )
}

function filledIn(where: string, value: EnvValue, secrets: Secrets): string {
  const text = typeof value === 'string' ? value : secrets.get(value.secret)
  if (text === undefined) throw new Error(`a secret was not resolved before the run: ${where}`)
  return text
}
