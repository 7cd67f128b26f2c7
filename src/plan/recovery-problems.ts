import type { RecoverWay } from '../model/plan.ts'
import type { Problem } from '../model/problem.ts'
import type { Target } from '../model/target.ts'
import { recipeProblems } from './preflight.ts'
import { linkProblems } from './preflight-link.ts'
import { accountWarnings, rootProblems } from './preflight-root.ts'
import { sharedProblemsOfGoal } from './preflight-shared.ts'
import { refusal, warning } from './problems.ts'
import { goalOf, goalRevision, isThere, type Member } from './recovery.ts'

/** Every reason why this host cannot go that way. */
export function recoveryProblems(target: Target, member: Member, way: RecoverWay): readonly Problem[] {
  const { facts } = member.read
  return [
    ...rootProblems(facts, target.project),
    ...accountWarnings(facts),
    ...(isThere(member, way, target.stage) ? [] : linkProblems(facts, target.stage, 'recover')),
    ...goalProblems(target, member, way),
    ...sharedProblems(target, member, way),
    ...recipeProblems(facts, target.recipes),
  ]
}

/** What the revision that the host is switched to shares with others has to be there, as for any deploy. */
function sharedProblems(target: Target, member: Member, way: RecoverWay): readonly Problem[] {
  const { facts } = member.read
  const goal = goalRevision(member, way)
  if (goal === undefined || isThere(member, way, target.stage)) return []
  return sharedProblemsOfGoal(facts, target, goal, way)
}

/**
 * A revision must stand verified. What was live before the first switch and was not made here may be anything: its link is
 * restored as it was.
 */
function goalProblems({ stage }: Target, member: Member, way: RecoverWay): readonly Problem[] {
  const goal = goalOf(member, way)
  if (goal === undefined || isThere(member, way, stage)) return []
  const { facts } = member.read
  const known = facts.revisions.find(({ name }) => name === goal)
  if (known?.verdict === 'verified' && known.stands) return []
  const isForeign = goal.includes('/') || facts.foreign.includes(goal)
  if (way === 'back' && known === undefined && isForeign) {
    const message = `goes back to ${goal}, which was not made here: only its link is restored`
    return [warning('link-outside', facts.host, message)]
  }
  const why = known === undefined ? 'it is not there' : (known.why ?? `it is ${known.verdict}`)
  const other = way === 'back' ? 'forward' : 'back'
  const hint = `the other way may be open: \`deploy recover ${stage} --${other}\``
  return [refusal('not-standing', facts.host, `${goal} does not stand here: ${why}`, hint)]
}
