import type { Observation, StageFacts } from '../model/facts.ts'
import type { HostName, StageName } from '../model/names.ts'
import type { Problem } from '../model/problem.ts'
import type { PolicyResult, StagePolicy } from '../model/version-policy.ts'
import { refusal } from './problems.ts'
import type { Wanted } from './request.ts'
import { stageOf } from './stage-history.ts'

type Sought = Pick<Wanted, 'name' | 'sha256'>

/**
 * Was this revision, these very bytes, live after a switch that was kept? A switch that was kept and taken back by a
 * recovery since is none; one that is too old to be told still is.
 */
export function wasLive({ wasLive: lived, switches }: StageFacts, { name, sha256 }: Sought): boolean {
  if (!lived.some(entry => entry.revision === name && entry.sha256 === sha256)) return false
  const told = switches.filter(({ to }) => to === name)
  return told.length === 0 || told.some(({ state }) => state === 'kept')
}

/** The hosts of an earlier stage by whose journals the revision was live there, or why it may not come after it. */
export function judgeAfter(
  stage: StageName,
  after: NonNullable<StagePolicy['after']>,
  observations: ReadonlyMap<HostName, Observation>,
  wanted: Sought,
): { readonly result: PolicyResult['after']; readonly problems: readonly Problem[] } {
  const earlier = after.stage
  const asked = after.hosts.map(({ name }) => ({ name, seen: observations.get(name) }))
  const read = asked.flatMap(({ seen }) => (seen?.kind === 'read' ? [seen.facts] : []))
  const hosts = read.filter(facts => wasLive(stageOf(facts, earlier), wanted)).map(({ host }) => host)
  const result = { stage: earlier, hosts }
  if (hosts.length > 0) return { result, problems: [] }
  const unread = asked.flatMap(({ name, seen }) => {
    if (seen?.kind === 'read') return []
    return [seen === undefined ? `${name} (it was not asked)` : `${name} (${seen.reason})`]
  })
  if (read.length === 0) {
    const message = `${stage} comes after ${earlier}, and no host of ${earlier} could be read: ${unread.join(', ')}`
    const hint = `it takes one host whose journal says what was live on ${earlier}`
    return { result, problems: [refusal('after-unread', stage, message, hint)] }
  }
  const lived = read.some(facts =>
    stageOf(facts, earlier).wasLive.some(({ revision }) => revision === wanted.name),
  )
  const never = lived
    ? `${wanted.name} was live on ${earlier} made from other bytes, or taken back; these never were`
    : `${wanted.name} was never live on ${earlier}`
  const rest = unread.length === 0 ? '' : `; not read: ${unread.join(', ')}`
  const hint = `\`deploy ${earlier}\` it first, then \`deploy promote ${earlier} ${stage}\``
  const message = `${never}, after which ${stage} comes${rest}`
  return { result, problems: [refusal('after', stage, message, hint)] }
}
