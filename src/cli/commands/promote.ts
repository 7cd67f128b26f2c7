import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readSdist } from '../../artifact/read-sdist.ts'
import { resolveTarget } from '../../config/resolve-target.ts'
import type { Observation } from '../../model/facts.ts'
import type { HostName, StageName } from '../../model/names.ts'
import type { ExitCode } from '../../model/outcome.ts'
import { StageError } from '../../model/stage-error.ts'
import type { Target } from '../../model/target.ts'
import { choosePromotion } from '../../plan/choose-promotion.ts'
import { occupiedProblems } from '../../plan/preflight-shared.ts'
import type { Wanted } from '../../plan/request.ts'
import type { RemoteEnd } from '../../remote/remote-end.ts'
import { pythonRules } from '../../version/python-rules.ts'
import { hostFilter, type RunFlags } from '../flags.ts'
import { leftOutHosts } from '../left-out.ts'
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
      flags,
      alsoAsk: source.hosts,
      leftOut: leftOutHosts(config, target),
      check: [],
      problems: [],
      decide: (observations, session) => decide(source, target, observations, session, directory),
    })
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function decide(
  source: Target,
  target: Target,
  observations: ReadonlyMap<HostName, Observation>,
  session: Session,
  directory: string,
): Promise<Decision> {
  const ofSource = new Map(
    [...observations].filter(([name]) => source.hosts.some(host => host.name === name)),
  )
  const choice = choosePromotion(source.stage, ofSource)
  if (choice.kind === 'refused') return choice
  const { wanted, holders } = choice.value
  const standsEverywhere = target.hosts.every(host => isThere(observations.get(host.name), wanted))
  const [holder] = holders
  const end = holder === undefined ? undefined : session.ends.get(holder)
  if (standsEverywhere || end === undefined) return { kind: 'chosen', value: wanted }
  const path = join(directory, `${wanted.name}.tar.gz`)
  await fetchSdist(end, wanted, path)
  const sdist = await readSdist(path, pythonRules)
  const problems = occupiedProblems(sdist, target.shared)
  return problems.length > 0 ? { kind: 'refused', problems } : { kind: 'chosen', value: wantedOf(sdist) }
}

const isThere = (seen: Observation | undefined, wanted: Wanted): boolean =>
  seen?.kind !== 'read' || seen.facts.revisions.some(revision => revision.name === wanted.name)

async function fetchSdist(end: RemoteEnd, wanted: Wanted, path: string): Promise<void> {
  const file = createWriteStream(path, { mode: 0o600 })
  // Each write tells its own failure; a stream that nobody listens to would end the process.
  file.on('error', () => undefined)
  const { sha256 } = await end.request(
    'fetch',
    { revision: wanted.name },
    {
      onData: chunk =>
        new Promise<void>((resolve, reject) => {
          file.write(chunk, error => (error === null || error === undefined ? resolve() : reject(error)))
        }),
    },
  )
  await new Promise<void>((resolve, reject) => {
    file.once('error', reject)
    file.end(() => resolve())
  })
  if (sha256 === wanted.sha256) return
  throw new StageError(
    'refused',
    `the sdist of ${wanted.name} on ${end.host} has other bytes than its record says`,
    {
      hint: 'deploy the sdist itself instead',
    },
  )
}
