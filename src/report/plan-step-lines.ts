import { builtBy } from '../model/builder.ts'
import type { Action, PlannedStep, Task } from '../model/plan.ts'
import type { EnvValue, Secret } from '../model/step.ts'
import { HIDDEN, isPasswordName, withoutCredentials } from '../shell/credentials.ts'
import { printable } from '../shell/printable.ts'
import { quote } from '../shell/quote.ts'
import { shownCommand } from '../shell/shown-command.ts'
import { listed } from './cut.ts'
import { formatLimit } from './duration.ts'
import type { Paint } from './paint.ts'
import { shownVariable } from './shown-plan.ts'

const INDENT = '  '

/**
 * One step as a plan shows it: what it is called, who put it there and how long it may take; under it what is run,
 * written as a shell would take it, and what undoes it. Secrets are names here, values do not exist yet.
 *
 * @param home the directory that steps start in unless they say otherwise; only another one is shown
 */
export function stepLines(step: PlannedStep, home: string, paint: Paint): readonly string[] {
  const inside = step.slot.includes(':') || step.slot === 'failed' ? `, ${step.slot}` : ''
  return [
    `${printable(step.title)} ${paint('dim', `(${printable(step.origin)}${inside}, ${formatLimit(step.timeoutMs)})`)}`,
    // A step without a title of its own is called what it runs.
    ...taskLines(step, home)
      .filter(line => line !== printable(step.title))
      .map(line => INDENT + line),
    ...(step.undo === undefined ? [] : undoLines(step, step.undo, home, paint)),
  ]
}

function undoLines(step: Task, undo: Task, home: string, paint: Paint): readonly string[] {
  // Most steps are undone by themselves, run again for the old revision: its own text would say nothing new.
  const [first = '', ...more] = taskLines(undo, home)
  const title = undo.title === step.title ? '' : `${printable(undo.title)}: `
  return [`${INDENT}${paint('dim', 'undo:')} ${title}${first}`, ...more.map(line => INDENT.repeat(2) + line)]
}

/** What a task runs, its own variables, and where. */
export function taskLines(task: Task, home: string): readonly string[] {
  const variables = Object.entries(task.env).filter(([name]) => !name.startsWith('DEPLOY_'))
  const where =
    task.action.kind === 'local' || task.action.kind === 'call'
      ? `on this machine, in ${printable(task.cwd)}`
      : `in ${printable(placed(task.cwd, home))}`
  return [
    actionText(task.action, home),
    ...sharedLines(task.action),
    ...contentLines(task.action),
    ...variables.map(([name, value]) => `with ${printable(name)}=${variableText(name, value)}`),
    ...(isPlaceless(task.action) || task.cwd === home ? [] : [where]),
  ]
}

const isPlaceless = ({ kind }: Action): boolean =>
  kind === 'http-probe' ||
  kind === 'take' ||
  kind === 'reuse' ||
  kind === 'send-file' ||
  kind === 'write-file' ||
  kind === 'call'

/** For whom a step builds. */
function sharedLines(action: Action): readonly string[] {
  if (action.kind !== 'build') return []
  const { hosts, shared } = action
  const others = hosts.length === 1 ? 'this host' : listed(hosts)
  return [`once for ${others} (${printable(shared.key)})`]
}

/** What is written, line by line. */
function contentLines(action: Action): readonly string[] {
  if (action.kind !== 'write-file') return []
  const text = action.content.map(part => (typeof part === 'string' ? part : secretText(part))).join('')
  const lines = withoutCredentials(text).replace(/\n$/, '').split('\n')
  return text === '' ? [] : lines.map(line => `| ${printable(line)}`.trimEnd())
}

function actionText(action: Action, home: string): string {
  switch (action.kind) {
    case 'take':
      return `receive what ${action.from} builds`
    case 'reuse':
      return `receive from this machine what was ${printable(builtBy(action.builder))}`
    case 'send-file':
      return `send ${printable(action.file)} of this machine to DEPLOY_PRODUCTS/${action.name}`
    case 'exec':
    case 'build':
      return `${action.sudo ? 'sudo ' : ''}${placed(commandText(action.argv), home)}`
    case 'local':
      return commandText(action.argv)
    case 'http-probe': {
      const socket = action.socket === undefined ? '' : ` through ${printable(action.socket)}`
      return `GET ${printable(withoutCredentials(action.url))}${socket} until ${expectedText(action)}`
    }
    case 'write-file': {
      const mode = `0${action.mode.toString(8).padStart(3, '0')}`
      return `${action.sudo ? 'sudo ' : ''}write ${placed(printable(action.path), home)} (${mode})`
    }
    case 'boot-probe': {
      const program = placed(commandText(action.argv), home)
      return `${program}, until GET ${printable(action.path)} is ${expectedText(action)}, then end it`
    }
    case 'call':
      return 'call a function of the configuration, on this machine'
  }
}

function expectedText(action: Extract<Action, { kind: 'http-probe' | 'boot-probe' }>): string {
  const { contains, matches, json, answerHeaders } = action
  const all = [
    action.status.join(' or '),
    ...(contains === undefined ? [] : [quoted(contains)]),
    ...matches.map(pattern => `/${printable(pattern)}/`),
    ...Object.entries(json).map(
      ([path, values]) => `${printable(path)} = ${values.map(quoted).join(' or ')}`,
    ),
    ...Object.entries(answerHeaders).map(
      ([name, text]) => `${name}: ${isPasswordName(name) ? HIDDEN : printable(withoutCredentials(text))}`,
    ),
  ]
  const pace = `every ${formatLimit(action.intervalMs)}, ${formatLimit(action.attemptMs)} each`
  return `${all.join(' and ')} (${pace})`
}

const quoted = (text: string): string => JSON.stringify(printable(withoutCredentials(text)))

/** A word longer than this with line breaks in it is a program; the plan as JSON has its text. */
const LONGEST_SHOWN_PROGRAM = 200

/** Control characters are made visible first: `quote` refuses some, and a plan is shown whatever is in it. */
const commandText = (argv: readonly string[]): string =>
  shownCommand(argv, word =>
    isProgram(word) ? `[program of ${word.split('\n').length} lines]` : quote(printable(word)),
  )

const isProgram = (word: string): boolean => word.length > LONGEST_SHOWN_PROGRAM && word.includes('\n')

/**
 * Paths of the revision and of the root by their names: shorter, and hosts whose roots differ do the same.
 *
 * @param home the revision's directory, which stands in the root
 */
function placed(text: string, home: string): string {
  const root = home.slice(0, home.lastIndexOf('/'))
  return text.replaceAll(`${home}/`, '').replaceAll(`${root}/`, '{root}/')
}

const variableText = (name: string, value: EnvValue): string =>
  typeof value === 'string' ? quote(printable(shownVariable(name, value))) : secretText(value)

const secretText = ({ secret }: Secret): string => `[secret ${printable(secret)}]`
