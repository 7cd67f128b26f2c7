import type { Task } from '../model/plan.ts'
import { StageError } from '../model/stage-error.ts'
import type { RemoteEnd } from '../remote/remote-end.ts'
import { describe } from './outcome-of.ts'
import type { HostRun, Run, UndoResult } from './run.ts'
import { runTask } from './run-step.ts'

export const undoName = (step: string): string => `undo ${step}`

/**
 * Undoes what was started on this host and is not undone yet, latest first, each once. A lost connection throws, and
 * leaves in `host.started` what is not known to be undone.
 *
 * @param which `local`: only what is undone on the runner itself, because the host cannot be reached
 */
export function undoStarted(run: Run, host: HostRun, which: 'all' | 'local'): Promise<void> {
  const undone = latestFirst(run, host, which)
  const settled = () => undefined
  host.idle = undone.then(settled, settled)
  return undone
}

async function latestFirst(run: Run, host: HostRun, which: 'all' | 'local'): Promise<void> {
  const { end } = host
  for (const step of host.started.toReversed()) {
    const { undo } = step
    if (undo === undefined || (which === 'local' && !isOnRunner(undo))) continue
    checkStillOn(host, end)
    const { outcome } = await runTask(run, host, undo, {
      signal: run.deps.abandoned,
      step: undoName(step.id),
      title: `undo of ${step.slot}: ${undo.title}`,
      undoOf: step.id,
    })
    const ok = outcome.kind === 'ok'
    recordUndo(host, [{ of: step.id, ok, reason: ok ? null : describe(outcome) }])
  }
}

const isOnRunner = ({ action: { kind } }: Task): boolean => kind === 'local' || kind === 'call'

/** Throws StageError `connection-lost` when the host has another connection by now: what it is asked there is others' to say. */
export function checkStillOn(host: HostRun, end: RemoteEnd): void {
  if (host.end !== end)
    throw new StageError('connection-lost', 'the connection was lost meanwhile', { host: host.plan.host })
}

/** Remembers how undo steps ended, whoever ran them. What was said last of a step holds. */
export function recordUndo(host: HostRun, results: readonly UndoResult[]): void {
  for (const result of results) {
    remove(host.started, step => step.id === result.of)
    remove(host.undone, ({ of }) => of === result.of)
    host.undone.push({ ...result })
  }
}

function remove<Item>(items: Item[], matches: (item: Item) => boolean): void {
  const at = items.findIndex(matches)
  if (at !== -1) items.splice(at, 1)
}

/** Why the undo of this host did not end well; undefined: it did, as far as it was tried. */
export function undoFailure(host: HostRun): string | undefined {
  const bad = host.undone.filter(result => !result.ok)
  if (bad.length === 0) return undefined
  return bad.map(({ of, reason }) => `the undo of ${of} failed: ${reason ?? 'unknown reason'}`).join('; ')
}
