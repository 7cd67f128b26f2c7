import type { Problem } from '../model/problem.ts'
import { StageError } from '../model/stage-error.ts'
import { type Locked, locksOf, takeLocks } from './lock.ts'
import { describe } from './outcome-of.ts'
import type { HostRun, Run } from './run.ts'
import { runTask } from './run-step.ts'
import { staleness } from './stale-plan.ts'

/** How the lock phase ended. Nothing of the plan was done yet on any host unless it is `ready`. */
export type Ready =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'refused'
      readonly code: 'locked' | 'refused' | 'failed' | 'interrupted'
      readonly problems: readonly Problem[]
    }

/**
 * The lock phase: every host has its root, the locks are ours on all hosts or on none, the plan still holds, and
 * what an earlier run left open is put back.
 */
export async function prepareHosts(run: Run): Promise<Ready> {
  const hosts = [...run.hosts.values()]
  const twins = await settleRoots(hosts)
  if (twins.length > 0) return { kind: 'refused', code: 'refused', problems: twins }
  const locked = await takeLocks(locksOf(run), { runId: run.plan.run.id, ...run.deps })
  switch (locked.kind) {
    case 'held':
      return { kind: 'refused', code: 'locked', problems: [heldProblem(locked)] }
    case 'failed':
      return { kind: 'refused', code: 'failed', problems: [problem('lock', locked.host, locked.reason)] }
    case 'interrupted':
      return { kind: 'refused', code: 'interrupted', problems: [] }
    case 'locked':
      break
  }
  const stale = await staleness(run)
  if (stale.length > 0) {
    const hint = 'somebody changed it since the plan was made: look with `deploy status`, then run this again'
    const problems = stale.map(text => problem('stale-plan', run.plan.stage, text, hint))
    return { kind: 'refused', code: 'refused', problems }
  }
  for (const host of hosts) await putOpenOnesBack(run, host)
  return { kind: 'ready' }
}

async function settleRoots(hosts: readonly HostRun[]): Promise<readonly Problem[]> {
  const ids = await Promise.all(
    hosts.map(async host => ({ host: host.plan.host, id: (await host.end.request('settle', {})).id })),
  )
  return ids.flatMap(({ host, id }, index) => {
    const twin = ids.slice(0, index).find(other => other.id === id)
    if (twin === undefined) return []
    const message = `has the very root of ${twin.host}: one host under two names, or a shared file system`
    return [problem('same-root', host, message, 'every root is one host: take one of the two out')]
  })
}

async function putOpenOnesBack(run: Run, host: HostRun): Promise<void> {
  const { switches, tasks } = host.plan.putBackFirst
  for (const id of switches) {
    const { link, movedByOthers } = await host.end.request('put-back', { id })
    const undo = []
    for (const [index, task] of tasks.entries()) {
      const step = `reactivate/${index + 1}`
      const options = { step, title: `after an open switch: ${task.title}`, build: false, undoOf: undefined }
      const { outcome } = await runTask(run, host, task, run.deps.abandoned, options)
      undo.push({
        of: step,
        ok: outcome.kind === 'ok',
        reason: outcome.kind === 'ok' ? null : describe(outcome),
      })
    }
    await host.end.request('put-back-done', { id, undo })
    const now = movedByOthers
      ? 'it was moved by somebody else and is left alone'
      : `it names ${link.text ?? 'nothing'} again`
    run.deps.emit({
      type: 'notice',
      host: host.plan.host,
      message: `the switch ${id}, which nobody kept, was put back: ${now}`,
    })
  }
}

/** Names the holder, since when, and what for. */
export function heldProblem({ host, lock, holder }: Extract<Locked, { kind: 'held' }>): Problem {
  if (holder === undefined)
    return problem('locked', host, `${lock} is locked by a run that did not say who it is`)
  const since = new Date(holder.sinceMs).toISOString()
  const message = `${lock} is locked by ${holder.by} from ${holder.from} (process ${holder.pid}) since ${since}: ${holder.command}`
  return problem('locked', host, message, 'wait until that run has ended; the lock goes with it')
}

const problem = (code: string, where: string, message: string, hint?: string): Problem => ({
  code,
  where,
  message,
  hint,
  severity: 'error',
})

/** For the caller: a refusal as the error that ends the command. */
export function refusalError(ready: Extract<Ready, { kind: 'refused' }>): StageError {
  const code = ready.code === 'failed' ? 'remote-end' : ready.code
  const message =
    ready.code === 'interrupted' ? 'interrupted before anything was changed' : 'nothing was changed'
  return new StageError(code, message, { problems: ready.problems })
}
