import type { StageName } from '../../model/names.ts'
import type { ExitCode } from '../../model/outcome.ts'
import { StageError } from '../../model/stage-error.ts'
import { stageOf } from '../../plan/stage-history.ts'
import type { RunFlags } from '../flags.ts'
import type { Command } from '../run-on-stage.ts'
import { upkeep } from '../upkeep.ts'

export interface FreezeFlags extends RunFlags {
  readonly reason?: string
}

/** `deploy lock STAGE --reason TEXT`: until `deploy unlock` nothing changes the stage. On all hosts or on none. */
export async function lock(command: Command, stage: StageName, flags: FreezeFlags): Promise<ExitCode> {
  const reason = flags.reason?.trim() ?? ''
  if (reason === '') {
    const hint = `\`deploy lock ${stage} --reason 'until the sale is over'\``
    throw new StageError('usage', 'a stage is locked with a reason: it is what everybody else is told', {
      hint,
    })
  }
  return upkeep(command, stage, flags, (_target, { atMs }) => ({
    revision: () => undefined,
    evenFrozen: false,
    refuse: () => undefined,
    refuseAll: () => undefined,
    describe: () => `freeze ${stage}: ${reason}`,
    work: async (_facts, end) => {
      await end.request('freeze', { stage, reason, atMs })
      return `${stage} is frozen: ${reason}`
    },
    takeBack: async (_host, end) => {
      await end.request('unfreeze', { stage, reason: 'it could not be frozen on all hosts' })
      return `${stage} is not frozen: it could not be on all hosts`
    },
  }))
}

/** `deploy unlock STAGE`: ends that, wherever it is frozen. */
export async function unlock(command: Command, stage: StageName, flags: FreezeFlags): Promise<ExitCode> {
  return upkeep(command, stage, flags, () => ({
    revision: () => undefined,
    evenFrozen: true,
    takeBack: undefined,
    refuse: () => undefined,
    refuseAll: () => undefined,
    describe: facts => (stageOf(facts, stage).frozen === undefined ? 'nothing' : `unfreeze ${stage}`),
    work: async (_facts, end) => {
      const { was } = await end.request('unfreeze', { stage, reason: flags.reason ?? null })
      return was ? `${stage} is not frozen any more` : `${stage} was not frozen: nothing to do`
    },
  }))
}
