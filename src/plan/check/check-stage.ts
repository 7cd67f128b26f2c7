import type { Drift, HostCheck, Inspection, StageCheck } from '../../model/check.ts'
import type { HostFacts, Observation, SwitchRecord } from '../../model/facts.ts'
import type { HostName } from '../../model/names.ts'
import type { Expectation } from '../../model/recipe.ts'
import type { Host, Target } from '../../model/target.ts'
import { sameProject } from '../../version/project-name.ts'
import { hostsOfStage } from '../fleet-problems.ts'
import { latestFirst, openSwitches } from '../open-switches.ts'
import { clockDrift } from './clock-drift.ts'
import { expectedPaths } from './expected-paths.ts'
import { leftoverDrift } from './leftover-drift.ts'
import { latestKept, linkDrift, liveIn, openDrift } from './link-drift.ts'
import { advice, drift } from './mend.ts'
import { placeDrift } from './place-drift.ts'
import { programDrift, type RecipeExpectations, recipeDrift, recipeExpectations } from './recipe-drift.ts'
import { replaced, revisionDrift, standingDrift } from './revision-drift.ts'
import { sharedDrift } from './shared-drift.ts'

/** What one host is looked at for, and what recipes expect there: made from the configuration and the first look. */
export interface CheckQuestion {
  readonly host: Host
  readonly facts: HostFacts
  readonly revision: string | undefined
  readonly paths: readonly string[]
  readonly expectations: readonly Expectation[]
  readonly asked: readonly RecipeExpectations[]
}

/** The closer look at one host, or why it failed. */
export type Inspected =
  | { readonly kind: 'inspected'; readonly inspection: Inspection }
  | (HostCheck & { readonly kind: 'unread' })

/** What is to be asked of every host that was read. */
export function checkQuestions(
  target: Target,
  observations: ReadonlyMap<HostName, Observation>,
): readonly CheckQuestion[] {
  return target.hosts.flatMap(host => {
    const seen = observations.get(host.name)
    if (seen?.kind !== 'read') return []
    const revision = liveIn(seen.facts, target.stage)
    const asked = recipeExpectations(target, host, seen.facts)
    return [
      {
        host,
        facts: seen.facts,
        revision,
        paths: expectedPaths(revision).map(({ path }) => path),
        expectations: asked.flatMap(({ expectations }) => expectations),
        asked,
      },
    ]
  })
}

/**
 * Expected against actual, field by field: what the configuration says, what the hosts' own journals and manifests say, and
 * what was found there.
 */
export function checkStage(
  target: Target,
  observations: ReadonlyMap<HostName, Observation>,
  questions: readonly CheckQuestion[],
  inspected: ReadonlyMap<HostName, Inspected>,
): StageCheck {
  const { stage } = target
  const open = openSwitches(stage, observations, hostsOfStage(target))
  const latest = latestKept(
    stage,
    questions.map(({ facts }) => facts),
  )
  const asked = new Map(questions.map(question => [question.host.name, question]))
  const hosts = target.hosts.map(({ name }) => {
    const question = asked.get(name)
    const look = inspected.get(name)
    if (question === undefined || look === undefined) return [name, unread(observations.get(name))] as const
    if (look.kind === 'unread') return [name, look] as const
    const { inspection } = look
    const twin = questions.find(other => other.host !== question.host && isTwin(other.facts, question.facts))
    const check: HostCheck = {
      kind: 'read',
      live: question.revision,
      builders: inspection.sealed?.builders ?? [],
      account: {
        user: question.facts.user,
        group: inspection.group,
        groups: inspection.groups,
      },
      clock: inspection.clock,
      drift: [
        ...openDrift(stage, open.toPutBack.get(name) ?? []),
        ...hostDrift(target, question, inspection, latest),
        ...twinDrift(twin?.host.name),
      ],
    }
    return [name, check] as const
  })
  return { stage, split: latestFirst(open.splits)[0], hosts: new Map(hosts) }
}

function hostDrift(
  target: Target,
  { host, facts, revision, asked }: CheckQuestion,
  inspection: Inspection,
  latest: SwitchRecord | undefined,
): readonly Drift[] {
  const { stage } = target
  const link = linkDrift(host, stage, facts, latest)
  // What stands wrongly at the link is left behind with it: where that is no revision at all, one row says all.
  const wayOut = link[0]?.mend ?? replaced(facts, stage)
  const isRevision = inspection.sealed !== undefined || link.length === 0
  const live = isRevision ? revision : undefined
  return [
    ...placeDrift(host, stage, facts, inspection, revision),
    ...projectDrift(target.project, facts),
    ...link,
    ...(live === undefined ? [] : revisionDrift(host, stage, facts, inspection, { live, wayOut })),
    ...sharedDrift(host, target, facts, { live, sealed: inspection.sealed }),
    ...standingDrift(facts, stage, revision),
    ...leftoverDrift(host, stage, facts, inspection),
    ...programDrift(target, facts),
    ...recipeDrift(asked, inspection.answers),
    ...clockDrift(inspection.clock),
  ]
}

function projectDrift(project: string, { root }: HostFacts): readonly Drift[] {
  // One that holds nothing of it becomes the root of whoever deploys first.
  if (root.project === undefined || root.boundBy === undefined || sameProject(root.project, project))
    return []
  return [drift('project', project, root.project, advice('give every project a root of its own'))]
}

const isTwin = ({ root: one }: HostFacts, { root: other }: HostFacts): boolean =>
  one.id !== undefined && one.id === other.id

const twinDrift = (twin: HostName | undefined): readonly Drift[] =>
  twin === undefined
    ? []
    : [
        drift(
          'root id',
          'its own',
          `that of ${twin}`,
          advice('every root is one host: take one of the two out'),
        ),
      ]

function unread(seen: Observation | undefined): HostCheck {
  if (seen?.kind !== 'unread')
    return { kind: 'unread', code: 'unreachable', reason: 'it was not asked', hint: undefined }
  const { kind, code, reason, hint } = seen
  return { kind, code, reason, hint }
}
