import { fileWork } from '../../apply/limits.ts'
import type { HostFacts } from '../../model/facts.ts'
import type { RevisionName, StageName } from '../../model/names.ts'
import type { ExitCode } from '../../model/outcome.ts'
import type { Target } from '../../model/target.ts'
import { discardProblem, rejectedRevision, unknownProblem } from '../../plan/discard-problems.ts'
import { revisionsToPrune } from '../../plan/prune.ts'
import { liveOf, stageOf } from '../../plan/stage-history.ts'
import type { Body } from '../../remote/messages.ts'
import type { RunFlags } from '../flags.ts'
import { pruneAll } from '../prune-all.ts'
import type { Command } from '../run-on-stage.ts'
import { upkeep } from '../upkeep.ts'

/** `deploy prune STAGE`: what the end of every deploy does, now. */
export async function prune(command: Command, stage: StageName, flags: RunFlags): Promise<ExitCode> {
  return upkeep(command, stage, flags, target => ({
    revision: () => undefined,
    evenFrozen: false,
    takeBack: undefined,
    refuse: () => undefined,
    refuseAll: () => undefined,
    describe: facts => listOf(pruned(target, facts)),
    work: async (facts, end) => {
      const waiting = fileWork({ filesMs: target.fileTimeoutMs })
      const ask = (body: Body<'prune'>) => end.request('prune', body, waiting)
      const { removed, kept, swept } = await pruneAll(ask, target.stage, pruned(target, facts))
      const leftovers = swept.removed === 0 ? '' : `, and ${swept.removed} leftovers of dead runs`
      const spared = [...kept, ...swept.kept].map(({ name, why }) => `${name} (${why})`)
      const not = spared.length === 0 ? '' : `; not removed: ${spared.join(', ')}`
      const more = swept.left - swept.kept.length
      const left = more > 0 ? `; ${more} more leftovers are there` : ''
      return `removed ${listOf(removed)}${leftovers}${not}${left}`
    },
  }))
}

/** `deploy discard REV STAGE`: forgets a rejected revision, on the record, so that its version can be shipped again. */
export async function discard(
  command: Command,
  written: string,
  stage: StageName,
  flags: RunFlags,
): Promise<ExitCode> {
  return upkeep(command, stage, flags, ({ versions, fileTimeoutMs }) => {
    const discarded = { written, versions }
    return {
      revision: facts => rejectedRevision(facts, discarded) ?? written,
      evenFrozen: false,
      takeBack: undefined,
      refuse: facts => discardProblem(facts, discarded),
      refuseAll: hosts => unknownProblem(hosts, discarded, stage),
      describe: facts => {
        const revision = rejectedRevision(facts, discarded)
        return revision === undefined ? 'nothing' : `discard ${revision}`
      },
      work: async (facts, end) => {
        const revision = rejectedRevision(facts, discarded)
        if (revision === undefined) return `${written} was not rejected here: nothing to forget`
        await end.request('discard', { revision }, fileWork({ filesMs: fileTimeoutMs }))
        return `${revision} is forgotten`
      },
    }
  })
}

function pruned(target: Target, facts: HostFacts): readonly RevisionName[] {
  const live = liveOf(stageOf(facts, target.stage))
  return live === undefined ? [] : revisionsToPrune(facts, target.stage, live, target.stages)
}

const listOf = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.join(', '))
