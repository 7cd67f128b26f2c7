import type { HostName, StageName } from '../model/names.ts'
import { exitCodes } from '../model/outcome.ts'
import { printable } from '../shell/printable.ts'
import { counted, listed } from './cut.ts'
import { formatDuration } from './duration.ts'
import { grouped } from './grouped.ts'
import type { RunFinished, RunRecord, RunStarted } from './run-recorder.ts'

/** The last words about a run: one sentence that says how the hosts stand; after a split also what to do. */
export function closingLines(record: RunRecord): readonly string[] {
  const { started, finished, switchedFrom, beganMs } = record
  if (finished === undefined) return ['The run did not come to its end: nothing is known about it.']
  // Why there was nothing to do is known only to whoever found so.
  if (started === undefined)
    return finished.summary === ''
      ? [withoutRun(finished, record)]
      : finished.summary.split('\n').map(printable)
  switch (finished.exit) {
    case exitCodes.done:
      return [
        doneSentence(started, finished, { switched: switchedFrom.size, beganMs }),
        ...moreToMend(started, record),
      ]
    case exitCodes.usage:
    case exitCodes.refused:
      return ['Refused. Nothing was changed.']
    case exitCodes.notSwitched:
      return [`${failedIn(record)}Nothing was switched anywhere.`, ...standstill(record)]
    case exitCodes.putBack:
      return [
        `${failedIn(record) || interruptedIn(record)}All hosts were put back.${stillSplit(started)}`,
        ...standstill(record),
      ]
    case exitCodes.splitOrUnknown:
      return notAsWanted(started.stage, finished, record)
    case exitCodes.locked:
      return [`${started.stage} is ${whyLocked(record)}. Nothing was changed.`]
    case exitCodes.drift:
      return ['Something is not as it should be; nothing was changed.']
    case exitCodes.interrupted:
      return ['Interrupted. Nothing was switched anywhere.']
    case exitCodes.unwritten:
      return ['The result could not be written; nothing was changed.']
    case exitCodes.bug:
      return [
        `This is a bug of stage-deploy: please report it with the log. \`deploy status ${started.stage}\` says how the hosts stand.`,
      ]
  }
}

/** No host is to blame for what it did when it heard nothing. */
const standstill = ({ standstill: said }: RunRecord): readonly string[] =>
  said === undefined ? [] : [`${said.charAt(0).toUpperCase()}${said.slice(1)}.`]

const whyLocked = ({ problems }: RunRecord): string =>
  problems.some(({ code }) => code === 'frozen') ? 'frozen' : 'locked by another run'

/** A recovery that was put back has mended nothing. */
const stillSplit = ({ intent, stage }: RunStarted): string =>
  intent === 'recover' ? ` ${stage} is split as it was before.` : ''

/** Refused or broken off before anything began. */
function withoutRun({ exit }: RunFinished, record: RunRecord): string {
  switch (exit) {
    case exitCodes.done:
      return 'There was nothing to do.'
    case exitCodes.bug:
      return 'This is a bug of stage-deploy: please report it. Nothing was changed.'
    case exitCodes.splitOrUnknown:
      return 'Refused because of a split. Nothing was changed.'
    case exitCodes.locked:
      return `Refused: the stage is ${whyLocked(record)}. Nothing was changed.`
    case exitCodes.interrupted:
      return 'Interrupted before anything was changed.'
    case exitCodes.refused:
      return 'Refused. Nothing was changed.'
    case exitCodes.usage:
    case exitCodes.notSwitched:
    case exitCodes.putBack:
    case exitCodes.drift:
    case exitCodes.unwritten:
      return 'Nothing was changed.'
  }
}

/** Hosts are put back without any fault only when somebody asked for it. */
function interruptedIn({ problems, finished }: RunRecord): string {
  const outcomes = Object.values(finished?.hosts ?? {}).map(({ outcome }) => outcome.kind)
  const faulty = outcomes.some(kind => kind === 'failed' || kind === 'unknown')
  return faulty || problems.some(({ severity }) => severity === 'error') ? '' : 'Interrupted. '
}

/** Where the run failed first; hosts that failed later, or in an undo, are in the errors above. */
function failedIn({ failures }: RunRecord): string {
  const [first] = failures
  if (first?.phase === undefined) return ''
  const hosts = failures.filter(({ phase }) => phase === first.phase).map(({ host }) => host)
  return `Failed in ${first.phase} on ${listed([...new Set(hosts)])}. `
}

/** The time is what somebody waited who looked on: connecting and looking are part of it. */
function doneSentence(
  started: RunStarted,
  finished: RunFinished,
  { switched, beganMs }: { readonly switched: number; readonly beganMs: number },
): string {
  const { intent, stage, revision, hosts } = started
  const time = `in ${formatDuration(finished.atMs - beganMs)}`
  if (intent === 'recover') return `Mended ${stage} ${time}: ${standing(Object.entries(finished.hosts))}.`
  const where = `on ${counted(hosts.length, 'host')}`
  if (intent === 'prepare') return `Prepared ${revision} ${where} ${time}; nothing was switched.`
  if (switched === 0) return `${stage} was on ${revision} already, ${where}: there was nothing to switch.`
  const to = intent === 'rollback' ? 'back to' : 'to'
  const others = hosts.length - switched
  const already = others > 0 ? `; ${counted(others, 'host')} had it already` : ''
  return `Switched ${stage} ${to} ${revision} on ${counted(switched, 'host')} ${time}${already}.`
}

/** One recovery mends one split; the plan has warned of the others. */
function moreToMend({ intent, stage }: RunStarted, { problems }: RunRecord): readonly string[] {
  const more = problems.filter(({ code }) => code === 'split').length
  if (intent !== 'recover' || more === 0) return []
  return [
    `${stage} has ${counted(more, 'more split')}: run \`deploy recover ${stage} --back\` or \`--forward\` again.`,
  ]
}

type Results = readonly (readonly [HostName, RunFinished['hosts'][HostName]])[]

/** Which revision is live on which hosts: `shop-1.3.0 on web1, web2`. */
function standing(results: Results): string {
  const byLive = grouped(results, ([, result]) => result.live ?? 'no revision')
  return [...byLive].map(([live, group]) => `${live} on ${listed(namesOf(group))}`).join(', ')
}

/** Exit 6, for the reason that decides what is to be done first. */
function notAsWanted(stage: StageName, finished: RunFinished, record: RunRecord): readonly string[] {
  const { problems } = record
  if (problems.some(({ code }) => code === 'unrecorded')) return unrecordedLines(stage, finished)
  const moved = problems.filter(({ code, severity }) => code === 'moved' && severity === 'error')
  const lines = moved.length === 0 ? splitLines(stage, finished) : movedLines(stage, finished, moved)
  return [...lines, ...standstill(record)]
}

function splitLines(stage: StageName, { hosts }: RunFinished): readonly string[] {
  const results = Object.entries(hosts)
  const known = results.filter(([, result]) => result.readBack)
  const unread = results.filter(([, result]) => !result.readBack).map(([host]) => host)
  const lives = new Set(known.map(([, { live }]) => live))
  const read =
    known.length === 0 ? [] : [`${stage} ${lives.size > 1 ? 'is split' : 'stands'}: ${standing(known)}.`]
  const lost =
    unread.length === 0 ? [] : [`Nobody could read back ${listed(unread)}: what is live there is unknown.`]
  const first = [...read, ...lost].join(' ')
  if (lives.size <= 1 && unread.length === 0) {
    return [first, `Not everything could be undone: see the errors, and \`deploy status ${stage}\`.`]
  }
  if (lives.size <= 1) {
    return [
      first,
      'A host that loses its runner puts itself back, unless the switch was kept there already.',
      `\`deploy status ${stage}\` says how they stand, and whether somebody must decide:`,
      ...recoverLines(stage),
    ]
  }
  return [
    first,
    'A person must look at these hosts, and then decide for all of them:',
    ...recoverLines(stage),
  ]
}

/** Links that are where no run has put them are no split: no recovery knows of them. */
function movedLines(
  stage: StageName,
  { hosts }: RunFinished,
  moved: RunRecord['problems'],
): readonly string[] {
  const results = Object.entries(hosts)
  const known = results.filter(([, result]) => result.readBack)
  const unread = results.filter(([, result]) => !result.readBack).map(([host]) => host)
  const on = listed(moved.map(({ where }) => where))
  const lost = [
    `Nobody could read back ${listed(unread)}: what is live there is unknown.`,
    'A host that loses its runner puts itself back, unless the switch was kept there already.',
  ]
  return [
    `${stage} stands: ${standing(known)}. On ${on} that is not what this run has set: somebody else moved the link.`,
    ...(unread.length === 0 ? [] : lost),
    'It was left alone. If it is not meant to be so:',
    ...[...grouped(moved, ({ hint }) => hint ?? '')].map(([hint]) => `  ${hint}`),
  ]
}

/** The links are right, and yet the hosts would take them for what a dead run left. */
const unrecordedLines = (stage: StageName, { hosts }: RunFinished): readonly string[] => [
  `${stage} stands: ${standing(Object.entries(hosts))}. Not every journal has it that the switch was kept: see the errors.`,
  'Until it does, the next run would put the switch back, or be refused. Make room for the journal, then:',
  `  deploy recover ${stage} --forward`,
]

const recoverLines = (stage: StageName): readonly string[] => [
  `  deploy recover ${stage} --back`,
  `  deploy recover ${stage} --forward`,
]

const namesOf = (group: readonly (readonly [HostName, unknown])[]): readonly HostName[] =>
  group.map(([host]) => host)
