import { createHash } from 'node:crypto'
import type {
  Holder,
  HostFacts,
  Link,
  Observation,
  RevisionFacts,
  StageFacts,
  SwitchKind,
  SwitchRecord,
} from '../../src/model/facts.ts'
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
  ...changes,
})

export const toRollBack = (version: string): PlanRequest =>
  toDeploy(version, { intent: 'rollback', wanted: wanted(version, { sdist: undefined }) })

/** One line of a stage's history; `from` and `id` follow from the lines before unless they are given. */
export interface Move {
  readonly kind: SwitchKind
  readonly to: RevisionName
  readonly state: SwitchRecord['state']
  readonly changes: Partial<SwitchRecord>
}

const move =
  (kind: SwitchKind, state: SwitchRecord['state']) =>
  (version: string, changes: Partial<SwitchRecord> = {}): Move => ({
    kind,
    to: `shop-${version}`,
    state,
    changes,
  })

/** A deploy that was kept. */
export const deployed = move('deploy', 'kept')
export const rolledBack = move('rollback', 'kept')
/** A deploy that failed after the switch. */
export const putBack = move('deploy', 'put-back')
/** A deploy whose host died between the rename and the end. */
export const leftOpen = move('deploy', 'open')

/** A deploy whose put back was tried and failed. */
export const stuckOpen = (version: string): Move =>
  leftOpen(version, { putBackFailed: 'switching the link: permission denied' })

/**
 * What a host says of a stage after these moves, oldest first, replayed as the remote end replays its journal. The
 * link names what was kept last; after an open switch what that one names (it was fired).
 */
export function aStageHistory(
  moves: readonly Move[],
  changes: Partial<StageFacts> & { readonly hosts?: readonly HostName[] } = {},
): StageFacts {
  const { hosts = ['web1', 'web2'], ...facts } = changes
  let stack: readonly RevisionName[] = []
  let lived: readonly RevisionName[] = []
  let live: RevisionName | undefined
  const switches: SwitchRecord[] = []
  for (const { kind, to, state, changes: own } of moves) {
    const number = switches.length + 1
    const names = { from: live, to, recovers: undefined }
    const record = { id: `s${number}`, kind, stage: 'production', ...names, hosts, state, ...own }
    switches.unshift({
      except: [],
      exception: undefined,
      atMs: noon - 60_000 + number,
      by: 'ana',
      putBackFailed: undefined,
      undo: [],
      ...record,
    })
    if (record.state !== 'put-back') live = to
    if (record.state !== 'kept') continue
    stack = kind === 'rollback' && stack.includes(to) ? stack.slice(stack.indexOf(to)) : [to, ...stack]
    lived = [to, ...lived.filter(revision => revision !== to)]
  }
  return {
    link: live === undefined ? { kind: 'absent' } : linkTo(live),
    stack,
    wasLive: lived.map(revision => ({ revision, sha256: digestOf(versionOf(revision)) })),
    switches,
    undone: [],
    lock: undefined,
    frozen: undefined,
    ...facts,
  }
}

const versionOf = (name: RevisionName): string => name.slice(name.lastIndexOf('-') + 1)

export const linkTo = (revision: RevisionName): Link => ({
  kind: 'link',
  text: revision,
  revision,
  dangling: false,
})

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
      freeBytes: 10 * 1024 ** 3,
      freeInodes: 1_000_000,
      ...root,
    },
    stages: new Map(Object.entries(stages)),
    revisions: versions.map((version, index) => aRevision(version, { atMs: noon - 3_600_000 + index })),
    unfinished: [],
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

/** Both hosts of `aTarget` with one and the same history of production. */
export const bothAfter = (...moves: readonly Move[]): ReadonlyMap<HostName, Observation> =>
  seen(
    factsOf('web1', { production: aStageHistory(moves) }),
    factsOf('web2', { production: aStageHistory(moves) }),
  )
