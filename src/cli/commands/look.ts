import { resolveTarget } from '../../config/resolve-target.ts'
import type { HostFacts, Observation } from '../../model/facts.ts'
import type { HostName, StageName } from '../../model/names.ts'
import { type ExitCode, exitCodes } from '../../model/outcome.ts'
import { StageError } from '../../model/stage-error.ts'
import type { HostListing, StageStatus } from '../../model/status.ts'
import { stageOf } from '../../plan/stage-history.ts'
import { stageStatus } from '../../plan/stage-status.ts'
import { formatHistory, historyAsJson } from '../../report/history-table.ts'
import { createPaint, type Paint } from '../../report/paint.ts'
import { formatRevisions, revisionsAsJson } from '../../report/revisions-table.ts'
import { statusAsJson } from '../../report/status-json.ts'
import { formatStatus } from '../../report/status-table.ts'
import { jsonText, type Wire } from '../../report/wire.ts'
import { type HostFlags, hostFilter } from '../flags.ts'
import { observeStages } from '../observe-stages.ts'
import { readConfiguration } from '../read-configuration.ts'
import { tellResult } from '../results.ts'
import type { Command } from '../run-on-stage.ts'
import { columnsOf, type Surroundings, wantsColour } from '../surroundings.ts'

type Observations = ReadonlyMap<HostName, Observation>

/** `deploy status [STAGE]`. 0: all was read and nothing is split; 3: a host could not be reached; 6: a split. */
export async function status(
  command: Command,
  named: StageName | undefined,
  flags: HostFlags,
): Promise<ExitCode> {
  const { around } = command
  if (named === undefined && (flags.hosts !== undefined || flags.except !== undefined)) {
    throw new StageError('usage', '--hosts and --except choose among the hosts of one stage', {
      hint: 'name the stage: `deploy status STAGE --hosts …`',
    })
  }
  const config = await readConfiguration(command, flags)
  const stages = named === undefined ? [...config.stages.keys()] : [named]
  const observations = await observeStages(command, config, stages, flags, { judged: true })
  const statuses = stages.map(stage => {
    const hosts = resolveTarget(config, stage, named === undefined ? {} : hostFilter(flags)).hosts.map(
      host => host.name,
    )
    const known = new Set(resolveTarget(config, stage).hosts.map(host => host.name))
    const ofStage = ofHosts(observations, [...known])
    return stageStatus(stage, ofStage, known, hosts)
  })
  const table = { columns: columnsOf(around.stdout), paint: paintOf(around, flags), nowMs: around.now() }
  return write(command, flags, statusExit(statuses), {
    json: statusAsJson(statuses),
    text: () => formatStatus(statuses, table),
  })
}

/** `deploy revisions STAGE`: what stands in the roots of its hosts, and what was rejected. */
export async function revisions(command: Command, stage: StageName, flags: HostFlags): Promise<ExitCode> {
  const { around } = command
  const observations = await observeStages(command, await readConfiguration(command, flags), [stage], flags)
  const listings = listingsOf(observations, facts => facts.revisions)
  const table = { columns: columnsOf(around.stdout), paint: paintOf(around, flags) }
  return write(command, flags, readExit(observations), {
    json: revisionsAsJson(stage, listings),
    text: () => formatRevisions(listings, table),
  })
}

/** `deploy history STAGE`: its switches, from the journals of its hosts. */
export async function history(command: Command, stage: StageName, flags: HostFlags): Promise<ExitCode> {
  const { around } = command
  const observations = await observeStages(command, await readConfiguration(command, flags), [stage], flags)
  const listings = listingsOf(observations, facts => stageOf(facts, stage).switches)
  const table = { columns: columnsOf(around.stdout), paint: paintOf(around, flags) }
  return write(command, flags, readExit(observations), {
    json: historyAsJson(stage, listings),
    text: () => formatHistory(listings, table),
  })
}

const paintOf = (around: Surroundings, flags: HostFlags): Paint =>
  createPaint({ colour: wantsColour(around.stdout, around.env, flags.color) })

async function write(
  { around, interrupts }: Command,
  flags: HostFlags,
  exit: ExitCode,
  { json, text }: { readonly json: Wire; readonly text: () => string },
): Promise<ExitCode> {
  const result = flags.json === true ? jsonText(json) : text()
  return tellResult(around.stdout, result, { exit, interrupted: interrupts.interrupted })
}

function ofHosts(observations: Observations, hosts: readonly HostName[]): Observations {
  return new Map([...observations].filter(([name]) => hosts.includes(name)))
}

function listingsOf<Item>(
  observations: Observations,
  itemsOf: (facts: HostFacts) => readonly Item[],
): readonly HostListing<Item>[] {
  return [...observations].map(([host, seen]) =>
    seen.kind === 'unread'
      ? { kind: 'unread', host, reason: seen.reason }
      : { kind: 'read', host, items: itemsOf(seen.facts) },
  )
}

function statusExit(statuses: readonly StageStatus[]): ExitCode {
  if (statuses.some(({ split }) => split !== undefined)) return exitCodes.splitOrUnknown
  const unread = statuses.some(({ hosts }) => [...hosts.values()].some(host => host.kind === 'unread'))
  return unread ? exitCodes.refused : exitCodes.done
}

const readExit = (observations: Observations): ExitCode =>
  [...observations.values()].some(seen => seen.kind === 'unread') ? exitCodes.refused : exitCodes.done
