import type { SwitchRecord } from '../model/facts.ts'
import type { HostName, Slot } from '../model/names.ts'
import { neutralSlots } from '../model/names.ts'
import type { PlannedStep, Task } from '../model/plan.ts'
import type { EnvValue, Step } from '../model/step.ts'
import { actionOf } from './plan-action.ts'
import {
  buildEnvironment,
  neutralEnvironment,
  pathsOf,
  type RevisionOnHost,
  stageEnvironment,
} from './step-environment.ts'
import type { Change, StepHost } from './step-host.ts'

/** Steps of these slots are undone by running them again for the old revision, unless they say otherwise. */
const undoneByRepeating: readonly Slot[] = ['after:switch', 'activate']

/** What makes processes use another revision, in the order in which it runs. */
const activation: readonly Slot[] = ['after:switch', 'before:activate', 'activate', 'after:activate']

/**
 * The steps of one slot on one host, every path and variable filled in.
 *
 * @param among the hosts that take part in this slot: a `once` step goes to the first of them by name (that has
 *   the label)
 */
export function planSlot(host: StepHost, slot: Slot, among: readonly StepHost[]): readonly PlannedStep[] {
  const steps = host.sources.flatMap(({ origin, steps: written }) =>
    (written[slot] ?? []).map(step => ({ origin, step })),
  )
  // Numbered before some are left to other hosts: a step has the same id on all of them, and again when a split is mended.
  return steps
    .map((written, index) => ({ ...written, id: `${slot}/${index + 1}` }))
    .filter(({ step }) => takesPart(step, host, among))
    .map(({ origin, step, id }) => ({
      id,
      slot,
      origin,
      ...taskOf(step, host, slot, host.change),
      undo: undoOf(step, host, slot),
    }))
}

/**
 * What makes processes of this host use its old revision again after an open switch was put back: the undo of its
 * activation, latest first.
 *
 * @param among the hosts that have open switches
 */
export function reactivation(
  host: StepHost,
  open: SwitchRecord,
  among: readonly StepHost[],
): readonly Task[] {
  const undone = { ...host, change: { ...host.change, revision: revisionOf(open, host) } }
  return activation
    .flatMap(slot => planSlot(undone, slot, among))
    .flatMap(({ undo }) => (undo === undefined ? [] : [undo]))
    .toReversed()
}

/** The revision that was being switched to, which need not be the one that is wanted now. No version has a `-` in it. */
function revisionOf({ to }: SwitchRecord, { change }: StepHost): RevisionOnHost {
  const { revision } = change
  // Only the undo of its steps is planned: where there was to be no link, there is nothing else that they could name.
  if (to === undefined) return revision
  const version = to === revision.name ? revision.version : to.slice(to.lastIndexOf('-') + 1)
  return { ...revision, name: to, version, path: pathsOf(revision.root, to).revision }
}

function takesPart({ once }: Step, host: StepHost, among: readonly StepHost[]): boolean {
  if (once === false) return true
  const able = once === true ? among : among.filter(candidate => candidate.labels.includes(once))
  return firstByName(able) === host.name
}

const firstByName = (hosts: readonly StepHost[]): HostName | undefined =>
  hosts.map(host => host.name).toSorted()[0]

function undoOf(step: Step, host: StepHost, slot: Slot): Task | undefined {
  // A boot probe leaves nothing behind, and what is sent goes with the build.
  if (step.undo === false || step.kind === 'boot-probe' || step.kind === 'send-file') return undefined
  if (step.undo !== undefined) return taskOf(step.undo, host, slot, host.change)
  if (!undoneByRepeating.includes(slot) || host.old === undefined) return undefined
  return taskOf(step, host, slot, host.old)
}

function taskOf(step: Step, host: StepHost, slot: Slot, change: Change): Task {
  const base = step.kind === 'local' || step.kind === 'call' ? host.directory : baseOf(slot, change.revision)
  const env = environmentOf(step, host, slot, change)
  const cwd = step.cwd === undefined ? base : `${base}/${step.cwd}`
  return {
    title: step.title,
    action: actionOf(step, { env, cwd }, host),
    env,
    cwd,
    timeoutMs: step.timeoutMs,
    timeoutOption: step.timeoutOption,
  }
}

/** What the tool itself says comes last: nothing that was written can make a step be lied to. */
function environmentOf(
  step: Step,
  host: StepHost,
  slot: Slot,
  { revision, previous }: Change,
): Readonly<Record<string, EnvValue>> {
  if (neutralSlots.includes(slot)) {
    return { ...host.env, ...step.env, ...neutralEnvironment(revision), ...buildEnvironment(revision) }
  }
  return {
    ...host.env,
    ...host.stageEnv,
    ...step.env,
    ...neutralEnvironment(revision),
    ...stageEnvironment(revision, host.stage, previous),
  }
}

/** Before the sdist is unpacked there is no revision to work in, and after a failure it may be gone again. */
const withoutRevision: readonly Slot[] = ['before:upload', 'upload', 'after:upload', 'before:build', 'failed']

const baseOf = (slot: Slot, { root, path }: RevisionOnHost): string =>
  withoutRevision.includes(slot) ? root : path
