import type { Builder } from '../../../src/model/builder.ts'
import type { HostName, Intent, PhaseName, Slot } from '../../../src/model/names.ts'
import { phaseNames } from '../../../src/model/names.ts'
import type { Batches, HostPlan, Plan, PlannedStep, RecoverWay, Task } from '../../../src/model/plan.ts'
import type { EnvValue } from '../../../src/model/step.ts'
import { digestOf } from '../../support/builders.ts'

export const RUN_ID = 'r5'
const WANTED = 'shop-1.4.0'
const LIVE = 'shop-1.3.0'

export interface StepOptions {
  readonly on?: readonly HostName[]
  readonly kind?: 'exec' | 'local' | 'http-probe'
  readonly env?: Readonly<Record<string, EnvValue>>
  readonly undo?: false
  /** Names the share: the first host builds for all of `on`, the others take. */
  readonly share?: string
  /** Who of them builds, where it is not the first. */
  readonly builtBy?: HostName
  /** Who built what was kept of an earlier run: nobody builds then. */
  readonly kept?: Builder
  /** The file of the runner that it sends. */
  readonly send?: string
}

/** One step of a slot, on all hosts or on some. */
export type SlotStep = readonly [slot: Slot, title: string, options?: StepOptions]

export interface PlanOptions {
  readonly hosts?: readonly HostName[]
  readonly intent?: Intent
  readonly steps?: readonly SlotStep[]
  readonly stands?: boolean
  readonly heartbeatMs?: number
  readonly parallel?: number
  /** Of activate. */
  readonly batches?: Batches
  readonly openSwitches?: readonly string[]
  /** What is not undone of a switch that was put back. */
  readonly undoes?: HostPlan['putBackFirst']['undoes']
  readonly live?: string | undefined
  readonly shared?: readonly string[]
  readonly makes?: readonly string[]
  /** Makes it a recovery of the switch `s4`: what becomes of the link of each host, and which way that is. */
  readonly recovery?: { readonly way: RecoverWay; readonly hosts: Readonly<Record<HostName, Mended>> }
}

/** `to`: the link moves there. Otherwise it stays: with `closes` the host is activated, and the switch closed. */
export interface Mended {
  readonly to?: string | 'no link'
  readonly closes?: 'kept' | 'put-back'
}

/** A deploy of shop-1.4.0 over shop-1.3.0 on three hosts of production. */
export function aPlan(options: PlanOptions = {}): Plan {
  const { recovery } = options
  const plan = aDeploy(options)
  return recovery === undefined ? plan : aRecovery(plan, recovery)
}

function aRecovery(plan: Plan, { way, hosts }: NonNullable<PlanOptions['recovery']>): Plan {
  const mended = (name: HostName) => hosts[name] ?? {}
  const takesPart = (name: HostName, phase: PhaseName) => {
    const { to, closes } = mended(name)
    return phase === 'lock' || to !== undefined || (phase !== 'switch' && closes !== undefined)
  }
  return {
    ...plan,
    intent: 'recover',
    switchKind: 'recover',
    recovers: { id: 's4', way },
    hosts: plan.hosts.map(host => {
      const { to: goal = host.from, closes } = mended(host.host)
      const to = goal === 'no link' ? undefined : goal
      return { ...host, stands: true, wanted: to, to, closes }
    }),
    phases: plan.phases
      .filter(({ name }) => name !== 'prune')
      .map(phase => ({
        ...phase,
        hosts: new Map([...phase.hosts].filter(([name]) => takesPart(name, phase.name))),
      })),
  }
}

function aDeploy(options: PlanOptions): Plan {
  const { hosts = ['web1', 'web2', 'web3'], intent = 'deploy', steps = [], stands = false } = options
  const building: readonly PhaseName[] = stands ? [] : ['upload', 'build', 'verify', 'seal']
  const switching: readonly PhaseName[] =
    intent === 'prepare' ? [] : ['switch', 'activate', 'health', 'prune']
  const names = phaseNames.filter(
    name => name === 'lock' || building.includes(name) || switching.includes(name),
  )
  const slot = (host: HostName, name: Slot) => stepsIn(host, name, steps)
  return {
    v: 1,
    intent,
    run: { id: RUN_ID, by: 'ana', from: 'laptop', pid: 4711, command: 'deploy production', atMs: 0 },
    project: 'shop',
    stage: 'production',
    revision: { name: WANTED, version: '1.4.0', sha256: 'ab'.repeat(32) },
    shared: options.shared ?? [],
    sdist: stands ? undefined : { path: 'dist/shop-1.4.0.tar.gz', bytes: 10 },
    hosts: hosts.map(host => hostPlan(host, options)),
    leftOut: [],
    switchKind: intent === 'prepare' ? undefined : intent,
    policy: undefined,
    recovers: undefined,
    phases: names.map(name => ({
      name,
      parallel: options.parallel,
      batches: name === 'activate' ? options.batches : undefined,
      hosts: new Map(
        hosts.map(host => {
          const [before, inside, after] = slotsOf(name)
          const of = (one: Slot | undefined) => (one === undefined ? [] : slot(host, one))
          return [host, { before: of(before), inside: of(inside), after: of(after) }]
        }),
      ),
    })),
    failed: new Map(hosts.map(host => [host, slot(host, 'failed')])),
    finished: [],
    warnings: [],
    heartbeatMs: options.heartbeatMs ?? 60_000,
    fileTimeoutMs: 600_000,
  }
}

function hostPlan(host: HostName, options: PlanOptions): HostPlan {
  const live = 'live' in options ? options.live : LIVE
  const switches = options.openSwitches ?? []
  return {
    host,
    root: '/var/webcode',
    stands: options.stands ?? false,
    live,
    wanted: WANTED,
    basis: { linkText: live, previous: undefined, verdict: undefined, sha256: undefined, open: switches },
    from: live,
    to: WANTED,
    closes: undefined,
    putBackFirst: {
      switches,
      undoes: options.undoes,
      tasks:
        switches.length === 0 && options.undoes === undefined
          ? []
          : [task('activate the old one', 'exec', {})],
    },
    makes: options.makes ?? [],
    prune: ['shop-1.0.0'],
    pruneInstead: [],
    pruneLater: 0,
  }
}

function slotsOf(name: PhaseName): readonly (Slot | undefined)[] {
  if (name === 'lock' || name === 'seal') return []
  if (name === 'switch') return ['before:switch', undefined, 'after:switch']
  return [`before:${name}`, name, `after:${name}`]
}

function stepsIn(host: HostName, slot: Slot, steps: readonly SlotStep[]): readonly PlannedStep[] {
  return steps
    .filter(([name, , options]) => name === slot && (options?.on?.includes(host) ?? true))
    .map(([, title, options = {}], index) => {
      const { kind = 'exec', env = {}, undo } = options
      return {
        ...task(title, kind, env),
        ...sharedAction(host, title, options),
        id: `${slot}/${index + 1}`,
        slot,
        origin: 'hooks',
        undo: undo === false ? undefined : task(`${title} back`, kind, env),
      }
    })
}

/** What is sent to a host, or shared among the three of the plan, or those of `on`. */
function sharedAction(
  host: HostName,
  title: string,
  { share, send, kept, builtBy, on = ['web1', 'web2', 'web3'] }: StepOptions,
): Partial<Pick<PlannedStep, 'action'>> {
  if (send !== undefined) return { action: { kind: 'send-file', file: send, name: 'sent' } }
  if (share === undefined) return {}
  const id = digestOf(share)
  const shared = { id, key: 'linux', name: share, builder: undefined, builderOption: 'maker({ builder })' }
  if (kept !== undefined) return { action: { kind: 'reuse', shared, builder: kept } }
  const first = builtBy ?? on[0] ?? host
  if (host === first) return { action: { kind: 'build', argv: [title], sudo: false, shared, hosts: on } }
  return { action: { kind: 'take', from: first, shared } }
}

function actionOf(kind: 'exec' | 'local' | 'http-probe', title: string): Task['action'] {
  const probe = {
    socket: undefined,
    headers: {},
    status: [200],
    contains: undefined,
    matches: [],
    json: {},
    answerHeaders: {},
    intervalMs: 1,
    attemptMs: 1,
  }
  if (kind === 'http-probe') return { kind, url: 'http://localhost/', ...probe }
  return kind === 'exec' ? { kind, argv: [title], sudo: false } : { kind, argv: [title] }
}

function task(title: string, kind: 'exec' | 'local' | 'http-probe', env: Task['env']): Task {
  return {
    title,
    action: actionOf(kind, title),
    env,
    cwd: '/var/webcode/shop-1.4.0',
    timeoutMs: 1_000,
    timeoutOption: '`timeout`',
  }
}
