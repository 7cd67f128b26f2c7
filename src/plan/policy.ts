import type { Observation } from '../model/facts.ts'
import type { HostName } from '../model/names.ts'
import type { Problem } from '../model/problem.ts'
import type { Host, StagePolicy, Target } from '../model/target.ts'
import type { Channel, PolicyResult } from '../model/version-policy.ts'
import { projectVersion } from '../version/project-version.ts'
import { refusal, warning } from './problems.ts'
import type { PlanRequest } from './request.ts'
import { stageOf } from './stage-history.ts'
import { judgeAfter, wasLive } from './was-live.ts'

/** Whether a stage takes a revision: why it does, or every reason why not. */
export interface Judgement {
  /** Undefined: nothing is asked of this run, or it is refused. */
  readonly result: PolicyResult | undefined
  readonly problems: readonly Problem[]
}

export const nothingAsked: Judgement = { result: undefined, problems: [] }

/**
 * Judges a revision by the policy of its stage, whatever its channel is: this is all that differs between a nightly and a
 * release. What was live on the stage before may come back unasked; a rollback to what never was is judged like a deploy.
 *
 * @param observations of the hosts of the stage that this one comes after, among others
 */
export function judgePolicy(
  target: Target,
  observations: ReadonlyMap<HostName, Observation>,
  request: PlanRequest,
): Judgement {
  const { stage, versions: scheme, policy } = target
  const { wanted } = request
  if (comesBack(target, observations, request)) return nothingAsked
  const version = projectVersion(scheme, wanted.version)
  if (version.kind === 'foreign') {
    const message = `${wanted.version} is no version of a project with SemVer: ${version.reasons.join('; ')}`
    const hint = 'ship a version that SemVer has, such as 1.2.0, 1.2.0rc1 or 1.2.0.dev4'
    return { result: undefined, problems: [refusal('version-scheme', stage, message, hint)] }
  }
  const { channel } = version
  const accepted = judgeChannel(target, channel, version.version, request)
  const earlier = earlierStage(target, request)
  const after = earlier === undefined ? undefined : judgeAfter(stage, earlier, observations, wanted)
  return {
    result: {
      scheme,
      version: version.version,
      channel,
      accepts: policy.accepts,
      exception: policy.accepts.includes(channel) ? undefined : request.exception,
      after: after?.result,
    },
    problems: [...accepted, ...(after?.problems ?? [])],
  }
}

/** The hosts whose journals have to be asked too, before a revision can be judged: those of the earlier stage. */
export function witnesses(
  target: Target,
  observations: ReadonlyMap<HostName, Observation>,
  request: Pick<PlanRequest, 'intent' | 'wanted'>,
): readonly Host[] {
  if (comesBack(target, observations, request)) return []
  return (earlierStage(target, request)?.hosts ?? []).filter(({ name }) => !observations.has(name))
}

/** What is only prepared may still be on trial on the earlier stage. */
const earlierStage = ({ policy }: Target, { intent }: Pick<PlanRequest, 'intent'>): StagePolicy['after'] =>
  intent === 'prepare' ? undefined : policy.after

function comesBack(
  { stage, hosts }: Target,
  observations: ReadonlyMap<HostName, Observation>,
  { intent, wanted }: Pick<PlanRequest, 'intent' | 'wanted'>,
): boolean {
  if (intent !== 'rollback') return false
  return hosts.some(({ name }) => {
    const seen = observations.get(name)
    return seen?.kind === 'read' && wasLive(stageOf(seen.facts, stage), wanted)
  })
}

function judgeChannel(
  { stage, policy: { accepts } }: Target,
  channel: Channel,
  version: string,
  { exception }: PlanRequest,
): readonly Problem[] {
  if (accepts.includes(channel)) {
    if (exception === undefined) return []
    const message = `${version} is on the channel ${channel}, which ${stage} accepts: --accept ${exception.channel} is not needed`
    return [warning('accept-not-needed', stage, `${message}, and not recorded`)]
  }
  if (exception?.channel === channel) return []
  const other = exception === undefined ? '' : `, and --accept lets in ${exception.channel}`
  const message = `${version} is on the channel ${channel}; ${stage} accepts ${accepts.join(', ')}${other}`
  const hint = `ship a version that it accepts, or say --accept ${channel} --reason TEXT, which is recorded`
  return [refusal('channel', stage, message, hint)]
}
