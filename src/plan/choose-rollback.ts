import type { HostFacts, Observation } from '../model/facts.ts'
import type { HostName, RevisionName, StageName } from '../model/names.ts'
import type { Problem } from '../model/problem.ts'
import type { Target } from '../model/target.ts'
import { revisionsMeant } from '../version/revision-identity.ts'
import { afterPutBack } from './after-put-back.ts'
import { hostsOfStage, splitProblems, unreadProblems } from './fleet-problems.ts'
import { openSwitches } from './open-switches.ts'
import { refusal } from './problems.ts'
import type { Wanted } from './request.ts'
import { type Choice, refused, revisionCalled } from './revision-called.ts'
import { revisionHint } from './revision-hint.ts'
import { ambiguousName } from './spelling.ts'
import { liveOf, openOn, previousOf, stageOf } from './stage-history.ts'

/**
 * Decides once, for the whole fleet, which revision to go back to: the one given, however it is spelt, or the previous
 * one, on which all hosts must agree. A split comes first: while there is one, nobody knows what *previous* means.
 * Whether the revision stands everywhere is checked by the plan, as for any other switch.
 */
export function chooseRollback(
  target: Target,
  observations: ReadonlyMap<HostName, Observation>,
  to: string | undefined,
): Choice<Wanted> {
  const { stage } = target
  const { splits } = openSwitches(stage, observations, hostsOfStage(target))
  const problems = [...splitProblems(stage, splits), ...unreadProblems(target.hosts, observations)]
  if (problems.length > 0) return refused(problems)
  const hosts = target.hosts.flatMap(({ name }) => {
    const seen = observations.get(name)
    return seen?.kind === 'read' ? [seen.facts] : []
  })
  if (to !== undefined) return revisionNamed(to, hosts, target)
  const wishes = hosts.map(facts => wishOf(facts, stage))
  const [first] = wishes
  const agree = wishes.every(wish => wish.live === first?.live && wish.previous === first?.previous)
  if (!agree) return refused(wishes.map(wish => disagreement(stage, wish)))
  if (first?.previous === undefined) return refused([noPrevious(stage, first?.live)])
  return revisionCalled(first.previous, hosts, stage)
}

/** What somebody wrote may be no revision at all: then those are named that a rollback could go to. */
function revisionNamed(to: string, hosts: readonly HostFacts[], { stage, versions }: Target): Choice<Wanted> {
  const known = hosts.flatMap(facts => facts.revisions)
  const meant = revisionsMeant(
    to,
    known.map(({ name }) => name),
    versions,
  )
  const [name] = meant
  if (meant.length > 1) return refused([ambiguousName(stage, to, meant)])
  if (name !== undefined) return revisionCalled(name, hosts, stage)
  const standing = known.filter(({ name }) => hosts.every(facts => standsOn(facts, name)))
  const hint = revisionHint(to, standing, 'the revisions that stand on all hosts are')
  return refused([refusal('not-standing', stage, `no host has the revision ${to}`, hint)])
}

const standsOn = ({ revisions }: HostFacts, wanted: RevisionName): boolean =>
  revisions.some(({ name, verdict, stands }) => name === wanted && verdict === 'verified' && stands)

interface Wish {
  readonly host: HostName
  readonly live: RevisionName | undefined
  readonly previous: RevisionName | undefined
}

/** Before a switch that was fired and never kept, the previous revision is the one that it was fired from. */
function wishOf(facts: HostFacts, stage: StageName): Wish {
  const history = stageOf(facts, stage)
  const live = liveOf(history)
  const putBack = liveOf(stageOf(afterPutBack(facts, stage, openOn(history)), stage))
  return { host: facts.host, live, previous: putBack === live ? previousOf(history) : putBack }
}

function disagreement(stage: StageName, { host, live, previous }: Wish): Problem {
  const message = `is live on ${live ?? 'nothing'}, before that ${previous ?? 'nothing'}: the hosts of ${stage} do not agree`
  const hint = `say which revision: \`deploy rollback ${stage} --to REVISION\``
  return refusal('hosts-disagree', host, message, hint)
}

function noPrevious(stage: StageName, live: RevisionName | undefined): Problem {
  const message =
    live === undefined
      ? `${stage} was never switched: there is nothing to roll back to`
      : `there is no revision before ${live} to roll ${stage} back to`
  return refusal('no-previous', stage, message, `see \`deploy history ${stage}\``)
}
