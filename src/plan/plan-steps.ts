import type { HostName, Slot } from '../model/names.ts'
import { neutralSlots } from '../model/names.ts'
import type { Action, PlannedStep, Task } from '../model/plan.ts'
import type { StepsBySlot } from '../model/recipe.ts'
import type { EnvValue, Step } from '../model/step.ts'
import {
  buildEnvironment,
  neutralEnvironment,
  type RevisionOnHost,
  stageEnvironment,
} from './step-environment.ts'

/** Where the steps of one slot come from, in order: recipes, the configuration's hooks, the stage's hooks. */
export interface StepSource {
  readonly origin: string
  readonly steps: StepsBySlot
}

/** One host for which steps are planned. */
export interface StepHost {
  readonly name: HostName
  readonly labels: readonly string[]
  readonly sources: readonly StepSource[]
  readonly revision: RevisionOnHost
  /** The revision that is live now: what an undo goes back to. Undefined: nothing, or nothing that stands. */
  readonly old: RevisionOnHost | undefined
  /** The revision below the old one, for the undo's DEPLOY_PREVIOUS. */
  readonly beforeOld: string | undefined
  readonly stage: string
  readonly directory: string
  /** For every step, recipes' own variables included; never DEPLOY_*. */
  readonly env: Readonly<Record<string, EnvValue>>
  readonly stageEnv: Readonly<Record<string, EnvValue>>
}

/** Steps of these slots are undone by running them again for the old revision, unless they say otherwise. */
const undoneByRepeating: readonly Slot[] = ['after:switch', 'activate']

/**
 * The steps of one slot on one host, every path and variable filled in.
 *
 * @param among the hosts that take part in this slot, by name: a `once` step goes to the first of them (that has the label)
 */
export function planSlot(host: StepHost, slot: Slot, among: readonly StepHost[]): readonly PlannedStep[] {
  const wanted = host.sources.flatMap(({ origin, steps }) =>
    (steps[slot] ?? []).filter(step => takesPart(step, host, among)).map(step => ({ origin, step })),
  )
  return wanted.map(({ origin, step }, index) => ({
    id: `${slot}/${index + 1}`,
    slot,
    origin,
    ...taskOf(step, host, slot, host.revision, host.old?.name),
    undo: undoOf(step, host, slot),
  }))
}

/** Labels that `once` steps of this slot ask for and that no host has: a migration is never skipped silently. */
export function onceWithoutHost(slot: Slot, among: readonly StepHost[]): readonly string[] {
  const steps = among.flatMap(host => host.sources.flatMap(source => source.steps[slot] ?? []))
  const labels = steps.flatMap(step => (typeof step.once === 'string' ? [step.once] : []))
  return [...new Set(labels)].filter(label => !among.some(host => host.labels.includes(label)))
}

/** What makes processes of this host use its old revision again, after an open switch was put back. */
export function reactivation(host: StepHost, among: readonly StepHost[]): readonly Task[] {
  return undoneByRepeating.flatMap(slot =>
    planSlot(host, slot, among).flatMap(step => (step.undo === undefined ? [] : [step.undo])),
  )
}

function takesPart(step: Step, host: StepHost, among: readonly StepHost[]): boolean {
  const { once } = step
  if (once === false) return true
  const able = once === true ? among : among.filter(candidate => candidate.labels.includes(once))
  const [first] = able.map(candidate => candidate.name).toSorted()
  return first === host.name
}

function undoOf(step: Step, host: StepHost, slot: Slot): Task | undefined {
  if (step.undo === false) return undefined
  if (step.undo !== undefined) return taskOf(step.undo, host, slot, host.revision, host.old?.name)
  if (!undoneByRepeating.includes(slot) || host.old === undefined) return undefined
  return taskOf(step, host, slot, host.old, host.beforeOld)
}

function taskOf(
  step: Step,
  host: StepHost,
  slot: Slot,
  revision: RevisionOnHost,
  previous: string | undefined,
): Task {
  const neutral = neutralSlots.includes(slot)
  const env = {
    ...host.env,
    ...(neutral ? {} : host.stageEnv),
    ...step.env,
    ...neutralEnvironment(revision),
    ...(neutral ? buildEnvironment(revision) : stageEnvironment(revision, host.stage, previous)),
  }
  const base = step.kind === 'local' ? host.directory : baseOf(slot, revision)
  const cwd = step.cwd === undefined ? base : `${base}/${step.cwd}`
  return { title: step.title, action: actionOf(step), env, cwd, timeoutMs: step.timeoutMs }
}

/** Before the sdist is unpacked there is no revision to work in, and after a failure it may be gone again. */
const withoutRevision: readonly Slot[] = ['before:upload', 'upload', 'after:upload', 'before:build', 'failed']

const baseOf = (slot: Slot, { root, name }: RevisionOnHost): string =>
  withoutRevision.includes(slot) ? root : `${root}/${name}`

function actionOf(step: Step): Action {
  switch (step.kind) {
    case 'exec':
    case 'local':
      return { kind: step.kind, argv: step.argv }
    case 'http-probe': {
      const { kind, url, socket, headers, status, contains, intervalMs, attemptMs } = step
      return { kind, url, socket, headers, status, contains, intervalMs, attemptMs }
    }
  }
}
