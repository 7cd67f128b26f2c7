import { setTimeout as sleep } from 'node:timers/promises'
import type { HostFacts } from '../../model/facts.ts'
import type { RemoteEnd } from '../../remote/remote-end.ts'
import type { HostRun, Run } from '../run.ts'
import type { Found } from './machine.ts'

/** How long a host that was lost in a switch is asked for, on new connections. */
export const RECONNECT_LIMIT_MS = 120_000
const ASK_LOCK_AGAIN_MS = 100
const CONNECT_AGAIN_MS = 500

/**
 * Finds out what became of a host whose connection was lost in a switch. A lost connection is never adopted: its
 * remote end puts back while it holds the lock, then goes. Only when the lock is free, or held by another run, is it
 * known to be gone, and only then are link and journal read and believed.
 *
 * @returns undefined: not within the limit; nobody knows
 */
export async function findOut(run: Run, host: HostRun): Promise<Found | undefined> {
  const deadlineMs = run.deps.monotonicMs() + RECONNECT_LIMIT_MS
  host.end.kill()
  while (run.deps.monotonicMs() < deadlineMs && !run.deps.abandoned.aborted) {
    const end = await connectAgain(run, host, deadlineMs)
    if (end === undefined) return undefined
    try {
      const locked = await awaitLock(run, end, deadlineMs)
      if (locked === undefined) {
        end.kill()
        return undefined
      }
      const facts = await run.deps.observe(host.plan.host, end)
      host.end = end
      return readFound(run, host, facts, locked === 'ours')
    } catch {
      // Lost again while asking: the next connection will tell.
      end.kill()
    }
  }
  return undefined
}

async function connectAgain(run: Run, host: HostRun, deadlineMs: number): Promise<RemoteEnd | undefined> {
  while (run.deps.monotonicMs() < deadlineMs && !run.deps.abandoned.aborted) {
    try {
      return await run.deps.connect(host.plan.host, run.deps.abandoned)
    } catch {
      await sleep(CONNECT_AGAIN_MS)
    }
  }
  return undefined
}

async function awaitLock(
  run: Run,
  end: RemoteEnd,
  deadlineMs: number,
): Promise<'ours' | 'theirs' | undefined> {
  while (run.deps.monotonicMs() < deadlineMs && !run.deps.abandoned.aborted) {
    const { granted, holder } = await end.request('lock', { name: run.plan.stage, mode: 'exclusive' })
    if (granted) return 'ours'
    if (holder !== null && holder.run !== run.plan.run.id) return 'theirs'
    await sleep(ASK_LOCK_AGAIN_MS)
  }
  return undefined
}

function readFound(run: Run, host: HostRun, facts: HostFacts, locked: boolean): Found {
  const stage = facts.stages.get(run.plan.stage)
  const text = stage?.link.kind === 'link' ? stage.link.text : undefined
  const record = stage?.switches.find(candidate => candidate.id === run.plan.run.id)
  return {
    link: text === run.plan.revision.name ? 'new' : text === host.plan.from ? 'old' : 'other',
    record: record?.state ?? 'none',
    undoOk: record?.undo.every(result => result.ok) ?? true,
    locked,
  }
}
