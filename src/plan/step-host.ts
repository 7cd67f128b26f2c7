import type { HostFacts } from '../model/facts.ts'
import type { HostName, RevisionName, Sha256, StageName } from '../model/names.ts'
import type { StepsBySlot } from '../model/recipe.ts'
import type { EnvValue } from '../model/step.ts'
import type { Host, Target } from '../model/target.ts'
import type { Wanted } from './request.ts'
import { liveOf, previousOf, stageOf } from './stage-history.ts'
import { pathsOf, type RevisionOnHost } from './step-environment.ts'

/** Where the steps of one slot come from, in order: recipes, the configuration's hooks, the stage's hooks. */
export interface StepSource {
  readonly origin: string
  readonly steps: StepsBySlot
}

/** A revision and the one before it: what a step runs for. */
export interface Change {
  readonly revision: RevisionOnHost
  readonly previous: RevisionName | undefined
}

/** One host for which steps are planned. */
export interface StepHost {
  readonly name: HostName
  readonly labels: readonly string[]
  readonly sources: readonly StepSource[]
  /** Of the sdist from which the revision is built. */
  readonly sha256: Sha256
  /** What its steps run for. */
  readonly change: Change
  /** What is live now, which an undo goes back to. Undefined: there is no link, or it leads nowhere. */
  readonly old: Change | undefined
  readonly stage: StageName
  /** Of the configuration: where local steps run. */
  readonly directory: string
  /** For every step, recipes' own variables included. */
  readonly env: Readonly<Record<string, EnvValue>>
  /** For the steps from `before:switch` on. */
  readonly stageEnv: Readonly<Record<string, EnvValue>>
}

/** One host with its steps and everything that they are told. */
export function stepHost(
  target: Target,
  { host, facts }: { readonly host: Host; readonly facts: HostFacts },
  wanted: Wanted,
  { sources, env }: { readonly sources: readonly StepSource[]; readonly env: StepHost['env'] },
): StepHost {
  const old = oldChange(host, facts, target, wanted.project)
  const { name, version, project, sha256 } = wanted
  const path = pathsOf(host.root, name).revision
  const revision = { project, host: host.name, root: host.root, name, version, path }
  return {
    name: host.name,
    labels: host.labels,
    sources,
    sha256,
    change: { revision, previous: old === undefined ? undefined : liveOf(stageOf(facts, target.stage)) },
    old,
    stage: target.stage,
    directory: target.directory,
    env: { ...env, ...target.env },
    stageEnv: target.stageEnv,
  }
}

/** The link may lead to what was not made here: its steps are run for that then, by the last part of its path. */
function oldChange(host: Host, facts: HostFacts, { stage }: Target, project: string): Change | undefined {
  const history = stageOf(facts, stage)
  const { link } = history
  if (link.kind !== 'link' || link.dangling) return undefined
  return { revision: revisionBehind(link.text, host, facts, project), previous: previousOf(history) }
}

/**
 * What a link with this text leads to, as steps are told of it.
 *
 * @param project what it is called where no record of the revision says how its sdist spells it
 */
export function revisionBehind(text: string, host: Host, facts: HostFacts, project: string): RevisionOnHost {
  const path = text.startsWith('/') ? text : `${host.root}/${text}`
  const name = path.split('/').findLast(part => part !== '') ?? ''
  const known = facts.revisions.find(revision => revision.name === text)
  const recorded = { project: known?.project ?? project, version: known?.version ?? '' }
  return { ...recorded, host: host.name, root: host.root, name, path }
}
