import { resolveTarget } from '../../config/resolve-target.ts'
import type { ResolvedConfig } from '../../config/resolved-config.ts'
import type { Observation } from '../../model/facts.ts'
import type { HostName, StageName } from '../../model/names.ts'
import { type ExitCode, exitCodes } from '../../model/outcome.ts'
import { StageError } from '../../model/stage-error.ts'
import { chooseRollback } from '../../plan/choose-rollback.ts'
import { latestStage } from '../../plan/latest-stage.ts'
import { formatMoment } from '../../report/duration.ts'
import { confirm } from '../ask.ts'
import { hostFilter, type RunFlags } from '../flags.ts'
import { leftOutHosts } from '../left-out.ts'
import { observeStages } from '../observe-stages.ts'
import { readConfiguration } from '../read-configuration.ts'
import type { Command } from '../run-on-stage.ts'
import { runRevision } from '../run-revision.ts'
import { say } from '../say.ts'

export interface RollbackFlags extends RunFlags {
  readonly to?: string
}

/** `deploy rollback [STAGE] [--to REV]`: a switch back, decided once for all hosts, with no build. */
export async function rollback(
  command: Command,
  named: StageName | undefined,
  flags: RollbackFlags,
): Promise<ExitCode> {
  const config = await readConfiguration(command, flags)
  const stage = named ?? (await stageSwitchedLast(command, config, flags))
  if (stage === undefined) return exitCodes.interrupted
  const target = resolveTarget(config, stage, hostFilter(flags))
  return runRevision(command, {
    target,
    intent: 'rollback',
    flags,
    alsoAsk: [],
    leftOut: leftOutHosts(config, target),
    check: flags.to === undefined ? 'previous' : [flags.to],
    problems: [],
    decide: observations => chooseRollback(target, observations, flags.to),
  })
}

/** Undefined: the question was answered with no. */
async function stageSwitchedLast(
  command: Command,
  config: ResolvedConfig,
  flags: RollbackFlags,
): Promise<StageName | undefined> {
  const { around } = command
  const observations = await observeStages(command, config, [...config.stages.keys()], flags)
  const found = latestStage(observations)
  const silent = unread(observations)
  if (silent.length > 0) {
    throw new StageError('refused', `not every host answered: ${silent.join(', ')}`, {
      hint: 'name the stage: `deploy rollback STAGE`',
    })
  }
  if (found === undefined) {
    throw new StageError('refused', 'no stage was ever switched: there is nothing to roll back')
  }
  const { stage, to, by } = found
  const question = `The last switch was ${stage} to ${to}, at ${formatMoment(found.atMs)} by ${by}. Roll ${stage} back?`
  if (await confirm(command, question, flags.yes === true)) return stage
  say(around.stderr, ['Nothing was touched.'])
  return undefined
}

const unread = (observations: ReadonlyMap<HostName, Observation>): readonly HostName[] =>
  [...observations].flatMap(([host, seen]) => (seen.kind === 'unread' ? [host] : []))
