import { fileWork } from '../../apply/limits.ts'
import type { HostFacts } from '../../model/facts.ts'
import type { RevisionName, StageName } from '../../model/names.ts'
import type { ExitCode } from '../../model/outcome.ts'
import type { Target } from '../../model/target.ts'
import { discardProblem, rejectedRevision, unknownProblem } from '../../plan/discard-problems.ts'
import { PRUNED_AT_ONCE, revisionsToPrune } from '../../plan/prune.ts'
import { liveOf, stageOf } from '../../plan/stage-history.ts'
import type { Answer } from '../../remote/messages.ts'
import type { RemoteEnd } from '../../remote/remote-end.ts'
import type { RunFlags } from '../flags.ts'
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
      const { removed, kept } = await pruneAll(end, target, pruned(target, facts))
      const spared = kept.map(({ name, why }) => `${name} (${why})`)
      return `removed ${listOf(removed)}${spared.length === 0 ? '' : `; not removed: ${spared.join(', ')}`}`
    },
  }))
}

/**
 * In requests of a bounded size each, so that none of them outlasts its time limit. The first is sent also where no
 * revision is to go: the host sweeps then.
 */
async function pruneAll(
  end: RemoteEnd,
  { stage, fileTimeoutMs }: Target,
  names: readonly RevisionName[],
): Promise<Answer<'prune'>> {
  const all: Answer<'prune'> = { removed: [], kept: [] }
  for (let at = 0; at === 0 || at < names.length; at += PRUNED_AT_ONCE) {
    const revisions = names.slice(at, at + PRUNED_AT_ONCE)
    const { removed, kept } = await end.request(
      'prune',
      { stage, revisions },
      fileWork({ filesMs: fileTimeoutMs }),
    )
    all.removed.push(...removed)
    all.kept.push(...kept)
  }
  return all
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
