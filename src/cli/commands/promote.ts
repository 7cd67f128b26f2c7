import { rm } from 'node:fs/promises'
import { resolveTarget } from '../../config/resolve-target.ts'
import type { Observation } from '../../model/facts.ts'
import type { HostName, StageName } from '../../model/names.ts'
import type { ExitCode } from '../../model/outcome.ts'
import { StageError } from '../../model/stage-error.ts'
import type { Target } from '../../model/target.ts'
import { choosePromotion } from '../../plan/choose-promotion.ts'
import { occupiedProblems } from '../../plan/preflight-sdist.ts'
import type { Wanted } from '../../plan/request.ts'
import { hostFilter, type RunFlags } from '../flags.ts'
import { leftOutHosts } from '../left-out.ts'
import { promotedSdist } from '../promoted-sdist.ts'
import { readConfiguration } from '../read-configuration.ts'
import type { Command } from '../run-on-stage.ts'
import { type Decision, runRevision } from '../run-revision.ts'
import type { Session } from '../session.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { wantedOf } from './deploy.ts'

/**
 * `deploy promote FROM TO`: switches TO to what FROM is live on. Where it stands it is only relinked; elsewhere it is built
 * from the very bytes of a host that has it.
 */
export async function promote(
  command: Command,
  from: StageName,
  to: StageName,
  flags: RunFlags,
): Promise<ExitCode> {
  if (from === to) throw new StageError('usage', `a stage cannot be promoted to itself: ${from}`)
  const config = await readConfiguration(command, flags)
  const source = resolveTarget(config, from)
  const target = resolveTarget(config, to, hostFilter(flags))
  const directory = await temporaryDirectory('stage-deploy-')
  try {
    return await runRevision(command, {
      target,
      intent: 'promote',
      promotes: from,
      flags,
      alsoAsk: source.hosts,
      leftOut: leftOutHosts(config, target),
      check: [],
      problems: [],
      decide: (observations, session) =>
        decide(source, target, observations, { session, directory, signal: command.interrupts.interrupted }),
    })
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function decide(
  source: Target,
  target: Target,
  observations: ReadonlyMap<HostName, Observation>,
  { session, directory, signal }: Fetching,
): Promise<Decision> {
  const ofSource = new Map(
    [...observations].filter(([name]) => source.hosts.some(host => host.name === name)),
  )
  const choice = choosePromotion(source.stage, ofSource)
  if (choice.kind === 'refused') return choice
  const { wanted } = choice.value
  const standsEverywhere = target.hosts.every(host => isThere(observations.get(host.name), wanted))
  if (standsEverywhere) return { kind: 'chosen', value: wanted }
  const fetched = await promotedSdist(choice.value, session.ends, directory, signal)
  if (fetched.kind === 'refused') return fetched
  const { sdist, warnings } = fetched
  const problems = occupiedProblems(sdist, target)
  if (problems.length > 0) return { kind: 'refused', problems }
  // However the archive spells its name: it is the revision that FROM is live on.
  return { kind: 'chosen', value: { ...wantedOf(sdist), name: wanted.name }, warnings }
}

interface Fetching {
  readonly session: Session
  readonly directory: string
  readonly signal: AbortSignal
}

const isThere = (seen: Observation | undefined, wanted: Wanted): boolean =>
  seen?.kind !== 'read' || seen.facts.revisions.some(revision => revision.name === wanted.name)
