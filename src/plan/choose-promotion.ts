import type { HostFacts, Observation } from '../model/facts.ts'
import type { HostName, RevisionName, StageName } from '../model/names.ts'
import type { Problem } from '../model/problem.ts'
import { sameRevision } from '../version/revision-identity.ts'
import { refusal, unreadProblem } from './problems.ts'
import type { Wanted } from './request.ts'
import { type Choice, refused, revisionCalled } from './revision-called.ts'
import { liveOf, openOn, stageOf } from './stage-history.ts'
import { disagreement } from './testimony.ts'

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
  const isLive = (name: RevisionName | undefined) =>
    name === live || (name !== undefined && live !== undefined && sameRevision(name, live))
  const isUniform = lives.every(other => isLive(other.live))
  const problems = [
    ...unread(observations),
    ...(isUniform && live !== undefined
      ? [...notKept(from, live, read), ...disagreement(from, live, read, isLive)]
      : lives.map(one => notUniform(from, one))),
  ]
  if (problems.length > 0 || live === undefined) return refused(problems)
  const choice = revisionCalled(live, read, from)
  if (choice.kind === 'refused') return choice
  const { value: wanted } = choice
  if (wanted.sha256 === '') return refused([notSaid(from, live)])
  const judged = read.map(facts => ({ host: facts.host, why: whyNotHolder(facts, wanted) }))
  const holders = judged.flatMap(({ host, why }) => (why === undefined ? [host] : []))
  const notHolders = judged.flatMap(({ host, why }) => (why === undefined ? [] : [{ host, why }]))
  return { kind: 'chosen', value: { wanted, holders, notHolders } }
}

/** Hosts that say other bytes do not agree; where none of them says anything nobody can hold a copy against it. */
function notSaid(from: StageName, live: RevisionName): Problem {
  const message = `no host of ${from} says what ${live} was made from`
  return refusal('other-bytes', from, message, `\`deploy check ${from}\` tells what became of its records`)
}

/** Why a host cannot be asked for the sdist. */
function whyNotHolder(facts: HostFacts, { name, sha256 }: Wanted): string | undefined {
  const copy = facts.revisions.find(revision => revision.name === name)
  return copy?.stands === true && copy.sha256 === sha256
    ? undefined
    : (copy?.why ?? 'it does not stand there')
}

function unread(observations: ReadonlyMap<HostName, Observation>): readonly Problem[] {
  return [...observations].flatMap(([host, seen]) =>
    seen.kind === 'unread' ? [unreadProblem(host, seen)] : [],
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
