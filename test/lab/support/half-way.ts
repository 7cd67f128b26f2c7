import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Deployment, RunningDeployment } from '../../e2e/support/deploy.ts'
import { eventsOf } from '../../e2e/support/events.ts'
import { asRoot } from '../../e2e/support/faults.ts'
import { links } from '../../e2e/support/hosts.ts'
import type { Project, ProjectConfig } from '../../e2e/support/project.ts'
import { release } from '../../e2e/support/releases.ts'
import type { Fleet } from '../../support/fleet.ts'
import { NOBODYS_MAC, OUR_MAC } from '../../support/host-link.ts'
import type { TestHost } from '../../support/test-host.ts'
import { activate, gate, liveOn10, OTHERS, recordOf, stays } from './one-of-three.ts'
import { inSize } from './size.ts'
import { printedOn, toldOf } from './told.ts'

/**
 * Long enough for a host to be away for a moment, also on a busy machine, and still count as heard: the barriers ask for a
 * sign of life within the last third of it.
 */
const PATIENT = inSize({ short: '18s', full: '30s' })
/** Within this every host was asked for a sign of life, and has given one: six are asked for in that time. */
const HEARD_MS = inSize({ short: 4_000, full: 6_000 })
const ANSWERED_MS = 1_500

/** Not so patient: a third of it is over soon. */
const BRISK = inSize({ short: '12s', full: '30s' })
/** A silence that a barrier does not let pass, of a host that is not lost yet. */
export const TOO_SILENT_MS = inSize({ short: 5_500, full: 12_000 })

/** For what is to be seen on a host as soon as it has been told. */
export const SOON = { interval: 20, timeout: 20_000 }

export interface HalfWay {
  readonly project: Project
  readonly run: RunningDeployment
}

/** Live on 1.0, with a run to 1.1 under way whose step in this slot is running on all hosts. */
export async function inStep(fleet: Fleet, slot: string, config: ProjectConfig): Promise<HalfWay> {
  const project = await liveOn10(fleet, { ...config, hooks: { activate: [activate] } })
  const hooks =
    slot === 'activate' ? { activate: [activate, stays] } : { activate: [activate], [slot]: [stays] }
  await project.configure({ ...config, hooks })
  const run = project.start(['production', await release(project, '1.1'), '--json'])
  await printedOn(run, ['web1', 'web2', 'web3'], 'here with shop-1.1')
  return { project, run }
}

/**
 * The same with a run that waits at a gate on web1 alone, in the last step before something is sent to all hosts.
 * `open` lets it go on.
 */
async function atGate(
  fleet: Fleet,
  slot: string,
  heartbeat: string,
  more: ProjectConfig['hooks'] = {},
): Promise<HalfWay & { readonly open: () => Promise<void> }> {
  const hooks = { ...more, activate: [activate], [slot]: [gate] }
  const project = await liveOn10(fleet, { heartbeat, hooks })
  const gateFile = join(project.rootOf('web1'), 'gate')
  await writeFile(gateFile, '')
  const run = project.start(['production', await release(project, '1.1'), '--json'])
  await printedOn(run, ['web1'], 'at the gate')
  await toldOf(run, ['web2', 'web3'], 'step-finished', `"step":"${slot}/1"`)
  return { project, run, open: () => rm(gateFile) }
}

/**
 * Between armed and `fire`: web1 and web2 are armed, web3 is held back and cannot be yet. `goOn` lets it: what was
 * done to web2 meanwhile is then met by the barrier; with `forFire` all hosts were heard of late, so that the barrier
 * lets it pass, and `fire` meets it.
 */
export async function armed(
  fleet: Fleet,
  { forFire = false } = {},
): Promise<HalfWay & { readonly goOn: () => Promise<void> }> {
  const { project, run, open } = await atGate(fleet, 'before:switch', forFire ? PATIENT : BRISK)
  if (forFire) await sleep(HEARD_MS)
  const late = fleet.host('web3')
  await late.freeze('host')
  await open()
  for (const name of ['web1', 'web2'])
    await expect.poll(() => recordOf(project, name), SOON).toEqual(['intent'])
  // Nobody tells that an answer has arrived: after the record it makes two links, and then has only to say so.
  if (forFire) await sleep(ANSWERED_MS)
  return { project, run, goOn: () => late.thaw() }
}

/** The last moment before `keep`: every host has switched, and every step but one on web1 has ended well. */
export async function beforeKeep(
  fleet: Fleet,
  hooks: ProjectConfig['hooks'] = {},
): Promise<HalfWay & { readonly goOn: () => Promise<void> }> {
  const { open, ...rest } = await atGate(fleet, 'after:health', PATIENT, hooks)
  return { ...rest, goOn: open }
}

/** Settles when web1 and web3 have switched to the new revision, and say so in their journals. */
export async function othersFired(project: Project): Promise<void> {
  for (const name of OTHERS)
    await expect.poll(async () => await recordOf(project, name), SOON).toContain('fired')
}

/** Settles when web1 and web3 have kept it. */
export async function othersKept(run: RunningDeployment): Promise<void> {
  await toldOf(run, OTHERS, 'kept')
}

/** Settles when the link of one host names this revision. */
export async function linkIs(fleet: Fleet, project: Project, host: string, revision: string): Promise<void> {
  await expect.poll(async () => (await links(fleet, project, 'production'))[host], SOON).toBe(revision)
}

/**
 * From now on nothing that the host sends arrives, while what is sent to it does: `cutNetwork` at one end only.
 *
 * @returns what mends it. Namespaces only
 */
export async function muted(host: TestHost): Promise<() => Promise<void>> {
  const sendTo = async (mac: string) => {
    const peer = '"$(ip -4 neigh show dev eth0 | cut -d" " -f1)"'
    await asRoot(host, `ip neigh replace ${peer} lladdr ${mac} nud permanent dev eth0`)
  }
  await sendTo(NOBODYS_MAC)
  return () => sendTo(OUR_MAC)
}

/** What a run says when it has given a connection up. */
export const FINDING_OUT = 'finding out on a new connection'

/** What a run said of one host, while nobody knew what had become of it. */
export const noticesOf = (run: Deployment, name: string): readonly string[] =>
  eventsOf(run, 'notice').flatMap(({ host, message }) => (host === name ? [String(message)] : []))
