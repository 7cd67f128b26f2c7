import { StageError } from '../model/stage-error.ts'
import type { ArtifactSettings, Host } from '../model/target.ts'
import { readArgv } from '../recipe/argv.ts'
import { readDuration } from '../recipe/duration.ts'
import { readEnv } from '../recipe/env.ts'
import { Place } from '../recipe/place.ts'
import { readSteps, readStepsBySlot } from '../recipe/read-slots.ts'
import {
  isPlainObject,
  readEntries,
  readFields,
  readInteger,
  readText,
  unexpected,
} from '../recipe/readers.ts'
import { isProjectName } from '../version/project-name.ts'
import { buildersExist } from './builders-exist.ts'
import { noClaimTwice } from './claims.ts'
import { type PathBase, readRoot } from './paths.ts'
import { readHost } from './read-host.ts'
import { type RecipeFactories, readRecipes } from './read-recipes.ts'
import { readShared } from './read-shared.ts'
import { readSsh } from './read-ssh.ts'
import { readStage } from './read-stage.ts'
import { readVersion, readVersions } from './read-version.ts'
import type { ResolvedConfig } from './resolved-config.ts'
import {
  afterIsAnEarlierStage,
  buildersAreOtherStages,
  everyHostInAStage,
  noAddressTwice,
  noStageIsARevision,
  onceLabelsExist,
  onceLabelsExistInSlots,
} from './rules.ts'

/** What reading a configuration depends on besides what is written. */
export interface ConfigContext extends PathBase {
  /** The configuration file; absolute. */
  readonly file: string
  /** The recipes that come with the tool, by name. */
  readonly recipes: RecipeFactories
}

const keys = [
  'project',
  'root',
  'artifact',
  'versions',
  'version',
  'hosts',
  'ssh',
  'stages',
  'recipes',
  'verify',
  'hooks',
  'shared',
  'env',
  'parallel',
  'heartbeat',
  'fileTimeout',
] as const

type Fields = Readonly<Partial<Record<(typeof keys)[number], unknown>>>

/** A shorter silence is not unusual on a busy host or a bad line: a run would be put back without need. */
const shortestHeartbeatMs = 3_000

/**
 * A configuration from outside, with every default filled in.
 *
 * @throws StageError `config` whose problems are everything that is wrong with it
 */
export function readConfig(written: unknown, context: ConfigContext): ResolvedConfig {
  const place = new Place()
  const config = readAll(readFields(written, place, keys, 'a configuration: an object'), place, context)
  const count = place.problems.length
  if (count === 0) return config
  throw new StageError('config', `${context.file} has ${count === 1 ? 'a problem' : `${count} problems`}`, {
    problems: place.problems,
  })
}

function readAll(fields: Fields, place: Place, context: ConfigContext): ResolvedConfig {
  const {
    root = '/var/webcode',
    recipes = ['python'],
    ssh = {},
    versions = 'pep440',
    version = 'sdist',
    shared = {},
    env = {},
    parallel = 50,
    heartbeat = '30s',
    fileTimeout = '10m',
  } = fields
  const project = readProject(fields.project, place.at('project'))
  const { ssh: settings, client } = readSsh(ssh, place.at('ssh'), context)
  const defaults = { root: readRoot(root, place.at('root')), client }
  const hosts = readNamed(fields.hosts, place.at('hosts'), 'hosts by name', (name, value, at) =>
    readHost(name, value, at, { defaults, base: context }),
  )
  const stages = readNamed(fields.stages, place.at('stages'), 'stages by name', (name, value, at) =>
    readStage(name, value, at, hosts),
  )
  const allHosts = [...hosts.values()]
  checkTogether(allHosts, stages, place)
  const read = readRecipes(recipes, place.at('recipes'), context.recipes)
  noStageIsARevision(project, stages.keys(), place.at('stages'))
  noClaimTwice({ project, hosts, stages, recipes: read }, place.at('recipes'))
  const own = readOwnSteps(fields, allHosts, place)
  buildersExist({ hosts, stages, recipes: read, hooks: own.hooks }, place)
  return {
    project,
    artifact: readArtifact(fields.artifact ?? {}, place.at('artifact')),
    versions: readVersions(versions, place.at('versions')),
    version: readVersion(version, place.at('version'), context),
    hosts,
    ssh: settings,
    stages,
    recipes: read,
    ...own,
    shared: readShared(shared, place.at('shared'), { stages: [...stages.keys()], recipes: read }),
    env: readEnv(env, place.at('env')),
    parallel: readInteger(parallel, place.at('parallel'), { from: 1 }),
    heartbeatMs: readHeartbeat(heartbeat, place.at('heartbeat')),
    fileTimeoutMs: readDuration(fileTimeout, place.at('fileTimeout'), { from: 60_000, spelled: '1m' }),
    file: context.file,
    directory: context.directory,
  }
}

/** What is wrong with hosts and stages only in view of each other. */
function checkTogether(hosts: readonly Host[], stages: ResolvedConfig['stages'], place: Place): void {
  noAddressTwice(hosts, place.at('hosts'))
  everyHostInAStage(hosts, [...stages.values()], place.at('hosts'))
  afterIsAnEarlierStage(stages, place.at('stages'))
  buildersAreOtherStages(stages, place.at('stages'))
  for (const { name, hooks } of stages.values())
    onceLabelsExistInSlots(hooks, hosts, place.at('stages').at(name).at('hooks'))
}

function readNamed<Value>(
  value: unknown,
  place: Place,
  expected: string,
  read: (name: string, value: unknown, place: Place) => Value,
): ReadonlyMap<string, Value> {
  const entries = readEntries(value, place, expected)
  if (entries.length === 0 && isPlainObject(value)) unexpected(value, place, `${expected}, at least one`)
  return new Map(entries.map(([name, entry]) => [name, read(name, entry, place.at(name))]))
}

function readProject(value: unknown, place: Place): string {
  const project = readText(value, place, 'the name of the project')
  if (project !== '' && !isProjectName(project))
    unexpected(
      value,
      place,
      'a name of letters, digits and . _ -, a letter or a digit first and last (PEP 508)',
    )
  return project
}

function readArtifact(value: unknown, place: Place): ArtifactSettings {
  if (typeof value === 'string') return { sdist: readText(value, place, 'a glob'), build: undefined }
  const { sdist = 'dist/*.tar.gz', build } = readFields(
    value,
    place,
    ['sdist', 'build'],
    'a glob or { sdist, build }',
  )
  return {
    sdist: readText(sdist, place.at('sdist'), 'a glob'),
    build: build === undefined ? undefined : readArgv(build, place.at('build')),
  }
}

function readOwnSteps(
  fields: Fields,
  hosts: readonly Host[],
  place: Place,
): Pick<ResolvedConfig, 'verify' | 'hooks'> {
  const verify = readSteps(fields.verify ?? [], place.at('verify'), 'verify')
  const hooks = readStepsBySlot(fields.hooks ?? {}, place.at('hooks'))
  onceLabelsExist(verify, hosts, place.at('verify'))
  onceLabelsExistInSlots(hooks, hosts, place.at('hooks'))
  return { verify, hooks }
}

function readHeartbeat(value: unknown, place: Place): number {
  return readDuration(value, place, { from: shortestHeartbeatMs, spelled: '3s' })
}
