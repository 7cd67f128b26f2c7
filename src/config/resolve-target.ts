import type { HostName, StageName } from '../model/names.ts'
import { StageError } from '../model/stage-error.ts'
import type { Host, StagePolicy, Target } from '../model/target.ts'
import { suggestion } from '../recipe/closest.ts'
import { Place } from '../recipe/place.ts'
import type { ResolvedConfig, ResolvedStage } from './resolved-config.ts'

/** Names of hosts, as `--hosts` and `--except` give them. */
export interface HostFilter {
  readonly hosts?: readonly HostName[]
  readonly except?: readonly HostName[]
}

/**
 * One stage of a configuration and the hosts that are left after the filter: what a run works on.
 *
 * @throws StageError `usage`: there is no such stage, a name of the filter is not in it, or no host is left
 */
export function resolveTarget(config: ResolvedConfig, stage: StageName, filter: HostFilter = {}): Target {
  const found = stageNamed(config, stage)
  const selected = select(found, filter)
  return {
    project: config.project,
    stage,
    stages: new Map([...config.stages].map(([name, { keepRevisions }]) => [name, { keepRevisions }])),
    hosts: selected.map(name => configured(config, name)),
    leftOut: found.hosts.filter(name => !selected.includes(name)),
    artifact: config.artifact,
    versions: config.versions,
    version: config.version,
    policy: { accepts: found.accepts, after: afterOf(config, found) },
    builtBy: new Map([...config.stages.values()].map(one => [one.name, stagesBuildingFor(config, one)])),
    ssh: config.ssh,
    recipes: config.recipes,
    verify: config.verify,
    hooks: config.hooks,
    stageHooks: found.hooks,
    shared: config.shared,
    env: config.env,
    stageEnv: found.env,
    keepRevisions: found.keepRevisions,
    activate: found.activate,
    parallel: config.parallel,
    heartbeatMs: config.heartbeatMs,
    fileTimeoutMs: config.fileTimeoutMs,
    directory: config.directory,
  }
}

/** With every host of that stage: any of them can tell what was live there. */
function afterOf(config: ResolvedConfig, { after }: ResolvedStage): StagePolicy['after'] {
  if (after === undefined) return undefined
  const hosts = stageNamed(config, after).hosts.map(name => configured(config, name))
  return { stage: after, hosts }
}

/** Those that the stage comes after, the nearest first, and those that it names itself. */
function stagesBuildingFor(
  { stages }: ResolvedConfig,
  { name, builtBy }: ResolvedStage,
): readonly StageName[] {
  const found = new Set<StageName>()
  let before = stages.get(name)?.after
  while (before !== undefined && !found.has(before)) {
    found.add(before)
    before = stages.get(before)?.after
  }
  return [...new Set([...found, ...builtBy])]
}

function stageNamed(config: ResolvedConfig, name: StageName): ResolvedStage {
  const stage = config.stages.get(name)
  if (stage !== undefined) return stage
  throw new StageError('usage', `there is no stage '${name}'`, {
    hint: suggestion(name, [...config.stages.keys()], 'the stages are'),
  })
}

function select(stage: ResolvedStage, filter: HostFilter): readonly HostName[] {
  const place = new Place()
  for (const [flag, names] of Object.entries({ '--hosts': filter.hosts, '--except': filter.except }))
    for (const name of names ?? []) checkInStage(name, stage, place.at(flag))
  const except = filter.except ?? []
  const selected = (
    filter.hosts === undefined ? stage.hosts : stage.hosts.filter(name => filter.hosts?.includes(name))
  ).filter(name => !except.includes(name))
  if (place.problems.length > 0)
    throw new StageError('usage', `not every host named is in the stage '${stage.name}'`, {
      problems: place.problems,
    })
  if (selected.length > 0) return selected
  throw new StageError('usage', `no host of the stage '${stage.name}' is left`, {
    hint: `its hosts are: ${stage.hosts.join(', ')}`,
  })
}

function checkInStage(name: HostName, stage: ResolvedStage, place: Place): void {
  if (!stage.hosts.includes(name))
    place.wrong(
      'unknown-host',
      `there is no host '${name}' in the stage '${stage.name}'`,
      suggestion(name, stage.hosts, 'its hosts are'),
    )
}

function configured(config: ResolvedConfig, name: HostName): Host {
  const host = config.hosts.get(name)
  if (host === undefined)
    throw new Error(`a resolved stage names the host '${name}', which is not configured`)
  return host
}
