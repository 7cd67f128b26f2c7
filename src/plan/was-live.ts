import type { HostFacts, Observation, StageFacts } from '../model/facts.ts'
import type { HostName, StageName } from '../model/names.ts'
import type { Problem } from '../model/problem.ts'
import type { StagePolicy } from '../model/target.ts'
import type { PolicyResult } from '../model/version-policy.ts'
import { sameRevision } from '../version/revision-identity.ts'
import { refusal } from './problems.ts'
import type { Wanted } from './request.ts'
import { stageOf } from './stage-history.ts'
import { disagreement } from './testimony.ts'

type Sought = Pick<Wanted, 'name' | 'sha256'>

/** Was this revision, these very bytes, live after a switch that was kept, and not taken back by a recovery since? */
export const wasLive = ({ wasLive: lived }: StageFacts, { name, sha256 }: Sought): boolean =>
  lived.some(entry => sameRevision(entry.revision, name) && entry.sha256 === sha256 && !entry.takenBack)

/**
 * The hosts of an earlier stage by whose journals the revision was live there, or why it may not come after it. One of
 * them is enough, as long as no other one that can be read says that it was made from other bytes.
 */
export function judgeAfter(
  stage: StageName,
  after: NonNullable<StagePolicy['after']>,
  observations: ReadonlyMap<HostName, Observation>,
  wanted: Sought,
): { readonly result: PolicyResult['after']; readonly problems: readonly Problem[] } {
  const earlier = after.stage
  const asked = after.hosts.map(({ name }) => ({ name, seen: observations.get(name) ?? notAsked }))
  const read = asked.flatMap(({ seen }) => (seen.kind === 'read' ? [seen.facts] : []))
  const hosts = read.filter(facts => wasLive(stageOf(facts, earlier), wanted)).map(({ host }) => host)
  const result = { stage: earlier, hosts }
  const isIt = (revision: string) => sameRevision(revision, wanted.name)
  if (hosts.length > 0) return { result, problems: disagreement(earlier, wanted.name, read, isIt) }
  const unread = asked.flatMap(({ name, seen }) => (seen.kind === 'read' ? [] : [`${name} (${seen.reason})`]))
  if (read.length === 0) {
    const message = `${stage} comes after ${earlier}, and no host of ${earlier} could be read: ${unread.join(', ')}`
    const hints = asked.flatMap(({ seen }) => (seen.kind === 'read' ? [] : [seen.hint ?? '']))
    const hint = [`it takes one host whose journal says what was live on ${earlier}`, ...new Set(hints)]
    const text = hint.filter(line => line !== '').join('\n')
    return { result, problems: [refusal('after-unread', stage, message, text)] }
  }
  const rest = unread.length === 0 ? '' : `; not read: ${unread.join(', ')}`
  const message = `${stage} comes after ${earlier}, and ${neverText(earlier, read, wanted)}${rest}`
  const hint = `first \`deploy ${earlier}\`, then \`deploy promote ${earlier} ${stage}\``
  return { result, problems: [refusal('after', stage, message, hint)] }
}

const notAsked = { kind: 'unread', reason: 'it was not asked', hint: undefined } as const

/** What became of it there instead. */
function neverText(earlier: StageName, read: readonly HostFacts[], { name, sha256 }: Sought): string {
  const lived = read
    .flatMap(facts => stageOf(facts, earlier).wasLive)
    .filter(({ revision }) => sameRevision(revision, name))
  if (lived.length === 0) return `${name} was never live there`
  if (lived.some(entry => entry.sha256 === sha256)) return `${name} was taken back there`
  return `${name} was live there made from other bytes`
}
