import { type ExitCode, exitCodes } from '../model/outcome.ts'
import type { Plan } from '../model/plan.ts'

/** The run in one sentence, by its exit code. */
export function summaryOf(plan: Plan, exit: ExitCode): string {
  const { stage, revision, hosts } = plan
  const count = hosts.length === 1 ? '1 host' : `${hosts.length} hosts`
  switch (exit) {
    case exitCodes.done:
      if (plan.recovers !== undefined) return `The split of ${stage} is mended on ${count}.`
      return plan.switchKind === undefined
        ? `${revision.name} stands verified on ${count} of ${stage}. Nothing was switched.`
        : `${stage} is ${revision.name} on ${count}.`
    case exitCodes.notSwitched:
      return 'Failed before the switch. Nothing was switched anywhere.'
    case exitCodes.interrupted:
      return 'Interrupted before the switch. Nothing was switched anywhere.'
    case exitCodes.putBack:
      return 'Failed at or after the switch. Every host was put back.'
    case exitCodes.splitOrUnknown:
      return `Split or unknown: look at \`deploy status ${stage}\`, then decide: \`deploy recover ${stage} --back\` or \`--forward\`.`
    case exitCodes.locked:
      return 'Locked by another run. Nothing was changed.'
    case exitCodes.refused:
      return 'Refused. Nothing was changed.'
    case exitCodes.bug:
    case exitCodes.usage:
    case exitCodes.drift:
      return 'Ended early.'
  }
}
