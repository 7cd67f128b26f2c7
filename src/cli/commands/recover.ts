import { resolveTarget } from '../../config/resolve-target.ts'
import type { StageName } from '../../model/names.ts'
import type { ExitCode } from '../../model/outcome.ts'
import type { RecoverWay, RunIdentity } from '../../model/plan.ts'
import { StageError } from '../../model/stage-error.ts'
import type { Target } from '../../model/target.ts'
import { planRecovery, sudoToRecover } from '../../plan/plan-recovery.ts'
import type { Planned } from '../../plan/plan-run.ts'
import { sharedToLookAt } from '../../plan/preflight-shared.ts'
import { explainWays, findRecovery, type Recovery, revisionsOf } from '../../plan/recovery.ts'
import type { RunFlags } from '../flags.ts'
import { readConfiguration } from '../read-configuration.ts'
import { type Command, runOnStage } from '../run-on-stage.ts'
import type { Session } from '../session.ts'

export interface RecoverFlags extends RunFlags {
  readonly back?: boolean
  readonly forward?: boolean
}

/** `deploy recover STAGE --back|--forward`: mends a split, with a coordinated switch like any other. */
export async function recover(command: Command, stage: StageName, flags: RecoverFlags): Promise<ExitCode> {
  const config = await readConfiguration(command, flags)
  const target = resolveTarget(config, stage)
  return runOnStage(command, {
    target,
    flags,
    builds: false,
    problems: [],
    plan: (session, run) => planIt(target, flags, session, run),
  })
}

async function planIt(
  target: Target,
  flags: RecoverFlags,
  session: Session,
  run: RunIdentity,
): Promise<Planned> {
  const look = {
    stages: [...target.stages.keys()],
    check: [],
    recipes: target.recipes,
    shared: sharedToLookAt(target),
  }
  const first = await session.observe(target.hosts, look)
  const sought = findRecovery(target, first)
  if (sought.kind === 'none') return { kind: 'nothing', reason: sought.reason, warnings: [] }
  if (sought.kind === 'refused') return sought
  const way = wayOf(target.stage, sought.recovery, flags)
  const members = target.hosts.filter(({ name }) => sought.recovery.split.hosts.has(name))
  // Whatever may be switched to has its interpreter started once, before anything is decided on it.
  const again = await session.observe(members, { ...look, check: revisionsOf(sought.recovery) })
  const confirmed = findRecovery(target, new Map([...first, ...again]))
  if (confirmed.kind === 'none') return { kind: 'nothing', reason: confirmed.reason, warnings: [] }
  if (confirmed.kind === 'refused') return confirmed
  const sudo = sudoToRecover(target, confirmed.recovery, way)
  if (sudo.size === 0) return planRecovery(target, confirmed.recovery, way, run)
  const users = target.hosts.filter(({ name }) => sudo.has(name))
  const able = await session.observe(users, { ...look, check: revisionsOf(sought.recovery), sudo })
  const last = findRecovery(target, new Map([...first, ...again, ...able]))
  if (last.kind === 'none') return { kind: 'nothing', reason: last.reason, warnings: [] }
  return last.kind === 'refused' ? last : planRecovery(target, last.recovery, way, run)
}

/** Throws StageError `usage`, which tells what each way comes to, unless exactly one was asked for. */
function wayOf(
  stage: StageName,
  recovery: Recovery,
  { back = false, forward = false }: RecoverFlags,
): RecoverWay {
  if (back !== forward) return back ? 'back' : 'forward'
  const { id } = recovery.split
  const what = back ? 'goes one way, and both were asked for' : 'goes one of two ways, and none was asked for'
  throw new StageError('usage', `the recovery of the switch ${id} of ${stage} ${what}`, {
    hint: explainWays(recovery).join('\n'),
  })
}
