import type { HostFacts, Observation } from '../model/facts.ts'
import type { HostName, RevisionName, Sha256, StageName } from '../model/names.ts'
import type { Problem } from '../model/problem.ts'
import { refusal } from './problems.ts'
import type { Wanted } from './request.ts'
import { type Choice, refused, revisionCalled } from './revision-called.ts'
import { liveOf, openOn, stageOf } from './stage-history.ts'

/** A host of the stage from which the sdist is not taken. */
export interface NotHolder {
  readonly host: HostName
  readonly why: string
}

/**
 * Decides what a promotion ships: the revision that every host of `from` is live on after a switch that was kept, made
 * from the bytes that every one of them reports. Unread or disagreeing hosts refuse it: what cannot be read is not
 * promoted.
 *
 * @param observations of all hosts of `from`
 * @returns also the hosts that have it, by name: the sdist can be had from any of them; and those that cannot be asked
 *    for it
 */
export function choosePromotion(
  from: StageName,
  observations: ReadonlyMap<HostName, Observation>,
): Choice<{
  readonly wanted: Wanted
  readonly holders: readonly HostName[]
  readonly notHolders: readonly NotHolder[]
}> {
  const read = [...observations.values()].flatMap(seen => (seen.kind === 'read' ? [seen.facts] : []))
  const lives = read.map(facts => ({ host: facts.host, live: liveOf(stageOf(facts, from)) }))
  const live = lives[0]?.live
  const isUniform = lives.every(other => other.live === live)
  const problems = [
    ...unread(observations),
    ...(isUniform && live !== undefined
      ? notKept(from, live, read)
      : lives.map(one => notUniform(from, one))),
  ]
  if (problems.length > 0 || live === undefined) return refused(problems)
  const choice = revisionCalled(live, read, from)
  if (choice.kind === 'refused') return choice
  const { value: wanted } = choice
  const made = read.map(({ host, revisions }) => ({ host, from: madeFrom(revisions, live) }))
  if (wanted.sha256 === '' || made.some(one => one.from !== wanted.sha256))
    return refused(made.map(one => notSameBytes(from, live, one)))
  const judged = read.map(facts => ({ host: facts.host, why: whyNotHolder(facts, from, wanted) }))
  const holders = judged.flatMap(({ host, why }) => (why === undefined ? [host] : []))
  const notHolders = judged.flatMap(({ host, why }) => (why === undefined ? [] : [{ host, why }]))
  return { kind: 'chosen', value: { wanted, holders, notHolders } }
}

/** The sha256 that a host reports of a revision; undefined: it does not say. */
function madeFrom(revisions: HostFacts['revisions'], name: RevisionName): Sha256 | undefined {
  const sha256 = revisions.find(revision => revision.name === name)?.sha256
  return sha256 === '' ? undefined : sha256
}

function notSameBytes(
  from: StageName,
  live: RevisionName,
  made: { readonly host: HostName; readonly from: Sha256 | undefined },
): Problem {
  const what = made.from === undefined ? 'what it does not say' : `the sha256 ${made.from}`
  const message = `${from} is live on ${live} here, made from ${what}`
  const hint = `the hosts of ${from} must be live on the same bytes: \`deploy check ${from}\``
  return refusal('other-bytes', made.host, message, hint)
}

/** Why a host cannot be asked for the sdist: it does not stand there, or the host contradicts itself about it. */
function whyNotHolder(facts: HostFacts, from: StageName, { name, sha256 }: Wanted): string | undefined {
  const copy = facts.revisions.find(revision => revision.name === name)
  if (copy?.stands !== true) return copy?.why ?? 'it does not stand there'
  const { sha256: switched } = stageOf(facts, from).wasLive.find(({ revision }) => revision === name) ?? {}
  if (switched === undefined || switched === sha256) return undefined
  return `its journal says that it is made from the sha256 ${switched}, its record says ${sha256}`
}

function unread(observations: ReadonlyMap<HostName, Observation>): readonly Problem[] {
  return [...observations].flatMap(([host, seen]) =>
    seen.kind === 'unread' ? [refusal(seen.code, host, seen.reason, seen.hint)] : [],
  )
}

function notUniform(
  from: StageName,
  { host, live }: { host: HostName; live: RevisionName | undefined },
): Problem {
  const hint = `make ${from} uniform first: \`deploy status ${from}\``
  return refusal('not-uniform', host, `${from} is live on ${live ?? 'nothing'} here`, hint)
}

/** A revision whose switch is not over was not found good yet. */
function notKept(from: StageName, live: RevisionName, read: readonly HostFacts[]): readonly Problem[] {
  return read.flatMap(facts => {
    const open = openOn(stageOf(facts, from)).find(record => record.to === live)
    if (open === undefined) return []
    const message = `the switch ${open.id} of ${from} to ${live} was not kept yet`
    return [refusal('not-kept', facts.host, message, `see \`deploy status ${from}\``)]
  })
}
