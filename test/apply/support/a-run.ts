import { type ApplyDeps, apply, type RunResult } from '../../../src/apply/apply.ts'
import type { ApplyLimits } from '../../../src/apply/limits.ts'
import { describe } from '../../../src/apply/outcome-of.ts'
import { productCache } from '../../../src/artifact/product-cache.ts'
import type { Event } from '../../../src/model/event.ts'
import { type Outcome, ok } from '../../../src/model/outcome.ts'
import type { Plan, Task } from '../../../src/model/plan.ts'
import { basisOf } from '../../../src/plan/basis.ts'
import { aPlan, type PlanOptions, RUN_ID } from './a-plan.ts'
import { SimulatedHost } from './simulated-host.ts'

type Said = Parameters<ApplyDeps['emit']>[0]

/** Production's waits, as short as a test can bear. */
const limits: ApplyLimits = {
  giveWayMs: 400,
  askLockAgainMs: 2,
  waitAgainMs: 5,
  observeMs: 10_000,
  filesMs: 400,
  armMs: 150,
  fireMs: 150,
  keepMs: 150,
  putBackMs: 150,
  findOutMs: 300,
  connectAgainMs: 5,
  readBackMs: 150,
}

/** A plan, its hosts, and what is needed to apply it; what a test changes it changes before `go`. */
export interface ARun {
  readonly plan: Plan
  readonly host: (name: string) => SimulatedHost
  readonly hosts: readonly SimulatedHost[]
  readonly said: readonly Said[]
  /** First call: the first signal; second call: the second. */
  signal(): void
  /** Calls this once, when an event of this kind is said first. */
  when(matches: (event: Said) => boolean, then: () => void): void
  go(deps?: Partial<ApplyDeps>): Promise<RunResult>
  /** What was said, phase by phase, by host within a phase. */
  story(): string
  readonly locally: string[]
}

export function aRun(options: PlanOptions = {}): ARun {
  const plan = aPlan(options)
  const hosts = plan.hosts.map(({ host }) => new SimulatedHost(host, RUN_ID))
  const byName = new Map(hosts.map(host => [host.name, host]))
  const said: Said[] = []
  const locally: string[] = []
  const waiting: { readonly matches: (event: Said) => boolean; readonly then: () => void }[] = []
  const first = new AbortController()
  const second = new AbortController()
  const host = (name: string) => {
    const found = byName.get(name)
    if (found === undefined) throw new Error(`no such host: ${name}`)
    return found
  }
  const emit: ApplyDeps['emit'] = event => {
    said.push(event)
    const at = waiting.findIndex(({ matches }) => matches(event))
    if (at !== -1) waiting.splice(at, 1)[0]?.then()
  }
  return {
    plan,
    host,
    hosts,
    said,
    locally,
    signal: () => (first.signal.aborted ? second.abort() : first.abort()),
    when: (matches, then) => waiting.push({ matches, then }),
    story: () => story(said),
    async go(deps = {}) {
      const ends = new Map(
        await Promise.all(hosts.map(async one => [one.name, await one.connect(plan.heartbeatMs)] as const)),
      )
      return apply(plan, ends, {
        emit,
        connect: name => host(name).connect(plan.heartbeatMs),
        observe: async name => host(name).facts(plan.stage),
        basisOf: facts => ({ ...basisOf(facts, plan.stage, plan.revision.name), previous: undefined }),
        secrets: new Map(),
        hide: text => text,
        readSdist: () => tenBytes(),
        files: new Map(),
        // Nothing is kept where nobody says where.
        products: productCache(undefined, { warn: () => undefined }),
        kept: new Map(),
        runLocally: runsLocally(locally),
        interrupted: first.signal,
        abandoned: second.signal,
        keepFailed: false,
        waitLockMs: 0,
        tool: 'stage-deploy 0.1.0',
        monotonicMs: () => performance.now(),
        wallMs: () => performance.now(),
        limits,
        ...deps,
      })
    },
  }
}

async function* tenBytes() {
  yield Buffer.from('0123456789')
}

const runsLocally =
  (locally: string[]) =>
  async (task: Task): Promise<Outcome> => {
    locally.push(task.title)
    return ok
  }

function story(said: readonly Said[]): string {
  const blocks: { host: string; text: string }[][] = [[]]
  for (const event of said) {
    const told = tell(event)
    if (told === undefined) continue
    if (told.host === '') blocks.push([told], [])
    else blocks.at(-1)?.push(told)
  }
  const lines = blocks.flatMap(block =>
    block.toSorted((a, b) => (a.host < b.host ? -1 : a.host > b.host ? 1 : 0)),
  )
  return lines.map(({ text }) => text).join('\n')
}

function tell(event: Said | Event): { readonly host: string; readonly text: string } | undefined {
  switch (event.type) {
    case 'run-started':
    case 'step-started':
    case 'output':
    case 'host-connected':
    case 'command-finished':
    case 'progress':
    case 'waiting':
      return undefined
    case 'phase-started':
      return { host: '', text: `[${event.phase}]` }
    case 'phase-finished':
      return { host: '', text: `[/${event.phase}]` }
    case 'step-finished':
      return {
        host: event.host,
        text: `${event.host} ${event.step} (${event.title}): ${describe(event.outcome)}`,
      }
    case 'switched':
      return { host: event.host, text: `${event.host} switched: ${event.from} -> ${event.to}` }
    case 'put-back':
      return { host: event.host, text: `${event.host} put back to ${event.to}: ${describe(event.outcome)}` }
    case 'rejected':
      return { host: event.host, text: `${event.host} rejected ${event.revision}: ${event.reason}` }
    case 'kept':
      return { host: event.host, text: `${event.host} kept ${event.live}` }
    case 'notice':
      return { host: event.host ?? '', text: `${event.host} notice: ${event.message}` }
    case 'problem':
      return {
        host: '',
        text: `problem ${event.problem.code} at ${event.problem.where}: ${event.problem.message}`,
      }
    case 'run-finished': {
      const hosts = Object.entries(event.hosts).map(
        ([name, { live, readBack, outcome }]) =>
          `  ${name} ${live ?? 'nothing'}${readBack ? '' : ' (not read back)'}: ${describe(outcome)}`,
      )
      return { host: '', text: [`exit ${event.exit}`, ...hosts].join('\n') }
    }
  }
}
