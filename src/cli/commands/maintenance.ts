import { maintain } from '../../apply/maintenance.ts'
import { resolveTarget } from '../../config/resolve-target.ts'
import type { HostFacts, Observation } from '../../model/facts.ts'
import type { HostName, RevisionName, StageName } from '../../model/names.ts'
import { type ExitCode, exitCodes } from '../../model/outcome.ts'
import type { Problem } from '../../model/problem.ts'
import type { Target } from '../../model/target.ts'
import { revisionsToPrune } from '../../plan/prune.ts'
import { liveOf, stageOf } from '../../plan/stage-history.ts'
import type { RemoteEnd } from '../../remote/remote-end.ts'
import { hostFilter, type RunFlags } from '../flags.ts'
import { readConfiguration } from '../read-configuration.ts'
import { openDisplay } from '../reporters.ts'
import { runIdentity } from '../run-identity.ts'
import type { Command } from '../run-on-stage.ts'
import { openSession } from '../session.ts'

/** One request to every host of a stage, planned from what the host said. */
interface Upkeep {
  /** Empty: nothing to do on this host. */
  readonly describe: (facts: HostFacts) => string
  readonly refuse: (facts: HostFacts) => string | undefined
  readonly work: (facts: HostFacts, end: RemoteEnd) => Promise<string>
  readonly revision: RevisionName | undefined
}

/** `deploy prune STAGE`: what the end of every deploy does, now. */
export async function prune(command: Command, stage: StageName, flags: RunFlags): Promise<ExitCode> {
  return upkeep(command, stage, flags, target => ({
    revision: undefined,
    refuse: () => undefined,
    describe: facts => listOf(pruned(target, facts)),
    work: async (facts, end) => {
      const { removed, kept } = await end.request('prune', { stage, revisions: [...pruned(target, facts)] })
      const spared = kept.map(({ name, why }) => `${name} (${why})`)
      return `removed ${listOf(removed)}${spared.length === 0 ? '' : `; not removed: ${spared.join(', ')}`}`
    },
  }))
}

/** `deploy discard REV STAGE`: forgets a rejected revision, on the record, so that its version can be shipped again. */
export async function discard(
  command: Command,
  revision: RevisionName,
  stage: StageName,
  flags: RunFlags,
): Promise<ExitCode> {
  const rejected = (facts: HostFacts) =>
    facts.revisions.some(({ name, verdict }) => name === revision && verdict === 'rejected')
  return upkeep(command, stage, flags, () => ({
    revision,
    refuse: facts => {
      const known = facts.revisions.find(({ name }) => name === revision)
      return known?.verdict === 'verified'
        ? `${revision} is verified: only a rejected revision can be discarded`
        : undefined
    },
    describe: facts => (rejected(facts) ? `discard ${revision}` : 'nothing'),
    work: async (facts, end) => {
      if (!rejected(facts)) return `${revision} was not rejected here: nothing to forget`
      await end.request('discard', { revision })
      return `${revision} is forgotten`
    },
  }))
}

function pruned(target: Target, facts: HostFacts): readonly RevisionName[] {
  const live = liveOf(stageOf(facts, target.stage))
  return live === undefined ? [] : revisionsToPrune(facts, target.stage, live, target.stages)
}

const listOf = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.join(', '))

async function upkeep(
  { around, interrupts }: Command,
  stage: StageName,
  flags: RunFlags,
  upkeepOf: (target: Target) => Upkeep,
): Promise<ExitCode> {
  const config = await readConfiguration(around, flags)
  const target = resolveTarget(config, stage, hostFilter(flags))
  const todo = upkeepOf(target)
  const display = openDisplay(around, { ...flags, verbose: true }, false)
  const { emit } = display.events
  const run = runIdentity(around)
  const session = openSession(target, run, around, { emit, signal: interrupts.interrupted })
  try {
    const look = { stages: [...target.stages.keys()], check: [], recipes: [] }
    const observations = await session.observe(target.hosts, look)
    const problems = problemsOf(observations, todo)
    for (const problem of problems) emit({ type: 'problem', problem })
    if (problems.length > 0) return exitCodes.refused
    const facts = (host: HostName) => factsOf(observations, host)
    if (flags.dryRun === true) {
      for (const host of target.hosts)
        around.stdout.write(`${host.name}  ${todo.describe(facts(host.name))}\n`)
      return exitCodes.done
    }
    const work = (host: HostName, end: RemoteEnd) => todo.work(facts(host), end)
    return await maintain(
      { runId: run.id, stage, revision: todo.revision, ends: session.ends, work },
      { emit, monotonicMs: () => performance.now(), interrupted: interrupts.interrupted },
    )
  } finally {
    await session.close()
    await display.events.end()
  }
}

function factsOf(observations: ReadonlyMap<HostName, Observation>, host: HostName): HostFacts {
  const seen = observations.get(host)
  if (seen?.kind !== 'read') throw new Error(`a host that was not read: ${host}`)
  return seen.facts
}

function problemsOf(observations: ReadonlyMap<HostName, Observation>, todo: Upkeep): readonly Problem[] {
  return [...observations].flatMap(([where, seen]): readonly Problem[] => {
    if (seen.kind === 'unread') {
      return [{ code: seen.code, where, message: seen.reason, hint: seen.hint, severity: 'error' }]
    }
    const message = todo.refuse(seen.facts)
    return message === undefined
      ? []
      : [{ code: 'refused', where, message, hint: undefined, severity: 'error' }]
  })
}
