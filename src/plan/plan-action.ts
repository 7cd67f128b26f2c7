import type { Action, Task } from '../model/plan.ts'
import type { EnvValue, ExpectedAnswer, Step, WriteFileStep } from '../model/step.ts'
import { parseTemplate } from '../recipe/template.ts'
import { sharedBuild } from './shared-builds.ts'
import type { StepHost } from './step-host.ts'

/** What a step does on this host. */
export function actionOf(step: Step, task: Pick<Task, 'env' | 'cwd'>, host: StepHost): Action {
  switch (step.kind) {
    case 'exec': {
      const { kind, argv, sudo } = step
      if (step.share === undefined) return { kind, argv, sudo }
      const shared = sharedBuild({ ...step, env: task.env }, step.share, host)
      return { kind: 'build', argv, sudo, shared, hosts: [host.name] }
    }
    case 'local':
      return { kind: step.kind, argv: step.argv }
    case 'send-file': {
      const { kind, file, name } = step
      return { kind, file: file.startsWith('/') ? file : `${host.directory}/${file}`, name }
    }
    case 'http-probe': {
      const { kind, url, socket, headers, intervalMs, attemptMs } = step
      return { kind, url, socket, headers, ...expectedOf(step), intervalMs, attemptMs }
    }
    case 'write-file':
      return writeFileAction(step, task)
    case 'boot-probe': {
      const { kind, argv, listen, path, headers, intervalMs, attemptMs } = step
      return { kind, argv, listen, path, headers, ...expectedOf(step), intervalMs, attemptMs }
    }
    case 'call':
      return { kind: step.kind, run: step.run }
  }
}

const expectedOf = ({ status, contains, matches, json, answerHeaders }: ExpectedAnswer): ExpectedAnswer => ({
  status,
  contains,
  matches,
  json,
  answerHeaders,
})

/** Permission bits of a file: for everybody to read, and for its owner alone. */
const PUBLIC = 0o644
const PRIVATE = 0o600

/** Renders both templates of a file, strictly. A secret in the text stays a name until the file is written. */
function writeFileAction(step: WriteFileStep, { env, cwd }: Pick<Task, 'env' | 'cwd'>): Action {
  const path = rendered(step.path, env)
  const text = rendered(step.text, env)
  const inPath = path.content.map(part => (typeof part === 'string' ? part : ''))
  const secretInPath = path.content.flatMap(part => (typeof part === 'string' ? [] : [part.secret]))
  const hasSecret = text.content.some(part => typeof part !== 'string')
  const written = inPath.join('')
  return {
    kind: step.kind,
    path: written.startsWith('/') ? written : `${cwd}/${written}`,
    content: text.content,
    mode: step.mode ?? (hasSecret ? PRIVATE : PUBLIC),
    sudo: step.sudo,
    // A path is shown in plans and process lists.
    unknown: [
      ...path.unknown,
      ...text.unknown,
      ...secretInPath.map(name => `${name}, a secret, in its path`),
    ],
  }
}

interface Rendered {
  readonly content: readonly EnvValue[]
  readonly unknown: readonly string[]
}

function rendered(template: string, env: Task['env']): Rendered {
  const content: EnvValue[] = []
  const unknown: string[] = []
  for (const part of parseTemplate(template).parts) {
    const value =
      typeof part === 'string' ? part : Object.hasOwn(env, part.variable) ? env[part.variable] : undefined
    if (value !== undefined) content.push(value)
    else if (typeof part !== 'string') unknown.push(part.variable)
  }
  return { content: joined(content), unknown: [...new Set(unknown)] }
}

/** Texts that follow each other are one. */
function joined(parts: readonly EnvValue[]): readonly EnvValue[] {
  const whole: EnvValue[] = []
  for (const part of parts) {
    const last = whole.at(-1)
    if (typeof part === 'string' && typeof last === 'string') whole[whole.length - 1] = last + part
    else whole.push(part)
  }
  return whole
}
