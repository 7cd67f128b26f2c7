import { createHash } from 'node:crypto'
import type { Holder, HostFacts, Observation, RevisionFacts, StageFacts } from '../../src/model/facts.ts'
import type { HostName, RevisionName, Sha256 } from '../../src/model/names.ts'
import type { RunIdentity } from '../../src/model/plan.ts'
import type { Host, Target } from '../../src/model/target.ts'
import { channels } from '../../src/model/version-policy.ts'
import type { PlanRequest, Wanted } from '../../src/plan/request.ts'

/** 2026-11-20 12:00:00 UTC. */
export const noon = Date.UTC(2026, 10, 20, 12)

export const digestOf = (text: string): Sha256 => createHash('sha256').update(text).digest('hex')

export const aHost = (name: HostName, changes: Partial<Host> = {}): Host => ({
  name,
  address: `${name}.example.com`,
  user: 'deploy',
  port: undefined,
  identityFile: undefined,
  knownHostsFile: undefined,
  jump: undefined,
  labels: [],
  root: '/var/webcode',
  python: 'python3',
  client: 'node-ssh',
  ...changes,
})

/** The stage `production` of the project `shop` on web1 and web2; the root has a `staging` as well. */
export const aTarget = (changes: Partial<Target> = {}): Target => ({
  project: 'shop',
  stage: 'production',
  stages: new Map([
    ['staging', { keepRevisions: 5 }],
    ['production', { keepRevisions: 5 }],
  ]),
  hosts: [aHost('web1'), aHost('web2')],
  leftOut: [],
  artifact: { sdist: 'dist/*.tar.gz', build: undefined },
  versions: 'pep440',
  version: { kind: 'sdist' },
  policy: { accepts: channels, after: undefined },
  builtBy: new Map(),
  ssh: {
    configFile: undefined,
    knownHostsFile: undefined,
    hostKeys: 'strict',
    connectTimeoutMs: 10_000,
    forwardAgent: false,
  },
  recipes: [],
  verify: [],
  hooks: {},
  stageHooks: {},
  shared: { directories: [], files: [] },
  env: {},
  stageEnv: {},
  keepRevisions: 5,
  activate: { batch: undefined, pauseMs: 0 },
  parallel: 50,
  heartbeatMs: 30_000,
  fileTimeoutMs: 600_000,
  directory: '/home/ana/shop',
  ...changes,
})

export const aRun: RunIdentity = {
  id: '20261120T120000Z-4f2c',
  by: 'ana',
  from: 'laptop',
  pid: 4711,
  command: 'deploy production',
  atMs: noon,
}

export const aHolder: Holder = {
  run: '20261120T115500Z-9d1a',
  by: 'ben',
  from: 'desk',
  pid: 815,
  command: 'deploy production',
  sinceMs: noon - 300_000,
}

/** `shop-1.4.0` at version 1.4.0: verified, standing, made from the sdist that `wanted` ships. */
export const aRevision = (version: string, changes: Partial<RevisionFacts> = {}): RevisionFacts => ({
  name: `shop-${version}`,
  project: 'shop',
  version,
  sha256: digestOf(version),
  verdict: 'verified',
  stands: true,
  why: undefined,
  python: '3.11.2',
  shared: [],
  atMs: noon,
  ...changes,
})

/** The revision of an sdist at hand; `sdist: undefined` for one that has to stand everywhere. */
export const wanted = (version: string, changes: Partial<Wanted> = {}): Wanted => ({
  name: `shop-${version}`,
  project: 'shop',
  version,
  sha256: digestOf(version),
  requiresPython: undefined,
  sdist: { path: `/home/ana/shop/dist/shop-${version}.tar.gz`, bytes: 40_000, unpackedBytes: 200_000 },
  ...changes,
})

export const toDeploy = (version: string, changes: Partial<PlanRequest> = {}): PlanRequest => ({
  intent: 'deploy',
  wanted: wanted(version),
  allowDowngrade: false,
  exception: undefined,
  promotes: undefined,
  kept: new Map(),
  ...changes,
})

export const toRollBack = (version: string): PlanRequest =>
  toDeploy(version, { intent: 'rollback', wanted: wanted(version, { sdist: undefined }) })

export const versionOf = (name: RevisionName): string => name.slice(name.lastIndexOf('-') + 1)

/** A host whose root has these stages, and in it every revision that they name, verified. */
export function factsOf(
  host: HostName,
  stages: Readonly<Record<string, StageFacts>> = {},
  changes: Partial<Omit<HostFacts, 'root'>> & { readonly root?: Partial<HostFacts['root']> } = {},
): HostFacts {
  const { root, ...others } = changes
  const named = Object.values(stages).flatMap(({ switches, wasLive }) => [
    ...wasLive.map(({ revision }) => revision).toReversed(),
    ...switches.flatMap(({ to }) => (to === undefined ? [] : [to])).toReversed(),
  ])
  const versions = [...new Set(named)].map(versionOf)
  return {
    host,
    user: 'deploy',
    uid: 1000,
    hostname: host,
    python: '3.11.2',
    root: {
      path: '/var/webcode',
      kind: 'directory',
      writable: true,
      why: undefined,
      owner: 'deploy',
      id: `root of ${host}`,
      project: 'shop',
      boundBy: undefined,
      freeBytes: 10 * 1024 ** 3,
      freeInodes: 1_000_000,
      ...root,
    },
    stages: new Map(Object.entries(stages)),
    revisions: versions.map((version, index) => aRevision(version, { atMs: noon - 3_600_000 + index })),
    unfinished: [],
    checked: [],
    foreign: [],
    shared: new Map(),
    programs: new Map(),
    answers: new Map(),
    unanswered: [],
    sudo: [],
    ...others,
  }
}

/** The host was reached, and said this. */
export const read = (facts: HostFacts): Observation => ({ kind: 'read', facts })

export const unread = (host: HostName, reason = 'no route to host'): Observation => ({
  kind: 'unread',
  host,
  code: 'unreachable',
  reason,
  hint: undefined,
})

/** What the hosts said, by name. */
export const seen = (...all: readonly (HostFacts | Observation)[]): ReadonlyMap<HostName, Observation> =>
  new Map(
    all.map(one => {
      if (!('kind' in one)) return [one.host, read(one)]
      return [one.kind === 'read' ? one.facts.host : one.host, one]
    }),
  )
