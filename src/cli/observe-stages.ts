import { resolveTarget } from '../config/resolve-target.ts'
import type { ResolvedConfig } from '../config/resolved-config.ts'
import type { Observation } from '../model/facts.ts'
import type { HostName, StageName } from '../model/names.ts'
import { StageError } from '../model/stage-error.ts'
import type { Host } from '../model/target.ts'
import { type HostFlags, hostFilter } from './flags.ts'
import { leftOutHosts, notYetAsked } from './left-out.ts'
import { runIdentity } from './run-identity.ts'
import type { Command } from './run-on-stage.ts'
import { openSession } from './session.ts'

/**
 * Asks every host of these stages about itself, on connections of its own, and closes them. Changes nothing.
 *
 * @param judged also asks hosts that the user left out, since a switch may have split them: then there are more
 *   observations than hosts that were asked for
 */
export async function observeStages(
  { around, interrupts }: Command,
  config: ResolvedConfig,
  stages: readonly StageName[],
  flags: HostFlags,
  { judged = false }: { readonly judged?: boolean } = {},
): Promise<ReadonlyMap<HostName, Observation>> {
  const targets = stages.map(stage =>
    resolveTarget(config, stage, stages.length === 1 ? hostFilter(flags) : {}),
  )
  const [first] = targets
  if (first === undefined) throw new StageError('config', 'the configuration has no stages')
  const hosts = new Map<HostName, Host>(
    targets.flatMap(target => target.hosts.map(host => [host.name, host])),
  )
  const session = openSession(first, runIdentity(around), around, {
    emit: () => undefined,
    interrupts,
  })
  try {
    const look = { stages: [...config.stages.keys()], check: [], recipes: [] }
    const asked = await session.observe([...hosts.values()], look)
    const needed = judged ? targets.flatMap(target => notYetAsked(leftOutHosts(config, target), asked)) : []
    const seen = needed.length === 0 ? asked : new Map([...asked, ...(await session.observe(needed, look))])
    if (interrupts.interrupted.aborted)
      throw new StageError('interrupted', 'Interrupted. Nothing was touched.')
    return seen
  } finally {
    await session.close()
  }
}
