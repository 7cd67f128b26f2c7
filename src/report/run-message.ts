import type { Intent } from '../model/names.ts'
import { type ExitCode, exitCodes } from '../model/outcome.ts'
import type { HostPlan, Plan, RunIdentity } from '../model/plan.ts'
import type { MessageField, RunEnd, Webhook } from '../model/webhook.ts'
import { parseTemplate } from '../recipe/template.ts'
import { printable } from '../shell/printable.ts'
import { closingLines } from './closing.ts'
import { listed } from './cut.ts'
import { formatDuration } from './duration.ts'
import { createRedactor } from './redact.ts'
import type { RunFinished, RunRecord } from './run-recorder.ts'

/** What a message needs of a plan. */
export type About = Pick<Plan, 'intent' | 'project' | 'stage' | 'revision'> & {
  readonly run: Pick<RunIdentity, 'id' | 'by' | 'from'>
  readonly hosts: readonly Pick<HostPlan, 'host' | 'live' | 'wanted'>[]
}

type FinishedRecord = RunRecord & { readonly finished: RunFinished }

/** More hosts than these are counted. */
const MOST_HOSTS = 10

/**
 * Which end of a run this is. Undefined: nobody is told, since nothing was changed and nothing failed that had begun: the
 * run was refused, or did no more than prepare.
 */
function runEndOf(intent: Intent, exit: ExitCode): RunEnd | undefined {
  switch (exit) {
    case exitCodes.done:
      if (intent === 'prepare') return undefined
      return intent === 'rollback' ? 'rollback' : 'success'
    case exitCodes.usage:
    case exitCodes.refused:
    case exitCodes.locked:
    case exitCodes.drift:
    case exitCodes.unwritten:
      return undefined
    case exitCodes.bug:
    case exitCodes.notSwitched:
    case exitCodes.putBack:
    case exitCodes.splitOrUnknown:
    case exitCodes.interrupted:
      return 'failure'
  }
}

/**
 * What is to be said about a run that is over, by webhook; undefined: nothing.
 *
 * @param record of the whole run, its end included
 * @param secrets by name; their values are in no message
 */
export function messagesOf(
  plan: About,
  record: FinishedRecord,
  secrets: ReadonlyMap<string, string>,
): (webhook: Webhook) => string | undefined {
  const end = runEndOf(plan.intent, record.finished.exit)
  const redact = createRedactor(secrets)
  return ({ on, message }) =>
    end !== undefined && on.includes(end) ? redact(runMessage(message, plan, record)) : undefined
}

/**
 * The message about a run that is over. What a run says may come from anywhere, so it cannot write what Slack reads as a
 * command or a link (`<!channel>`): Slack's documents, "Formatting text for app surfaces", name the three characters.
 */
function runMessage(template: string, plan: About, record: FinishedRecord): string {
  const fields: Readonly<Record<string, string>> = fieldsOf(plan, record)
  return parseTemplate(template)
    .parts.map(part => (typeof part === 'string' ? part : escaped(printable(fields[part.variable] ?? ''))))
    .join('')
}

function fieldsOf(plan: About, record: FinishedRecord): Readonly<Record<MessageField, string>> {
  const { finished } = record
  const [outcome = ''] = closingLines(record)
  const results = Object.values(finished.hosts)
  return {
    project: plan.project,
    stage: plan.stage,
    intent: plan.intent,
    revision: plan.revision.name,
    version: plan.revision.version,
    from: revisions(plan.hosts.map(({ live }) => live ?? 'none')),
    to: revisions(plan.hosts.map(({ wanted }) => wanted ?? 'none')),
    live: revisions(results.map(({ live, readBack }) => (readBack ? (live ?? 'none') : 'unknown'))),
    hosts: listed(
      plan.hosts.map(({ host }) => host),
      MOST_HOSTS,
    ),
    by: `${plan.run.by}@${plan.run.from}`,
    outcome,
    exit: `${finished.exit}`,
    duration: formatDuration(finished.durationMs),
    run: plan.run.id,
  }
}

/** Each once, most often one of them. */
const revisions = (names: readonly string[]): string => [...new Set(names)].join(' or ')

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
const escaped = (text: string): string => text.replace(/[&<>]/g, character => entities[character] ?? '')
