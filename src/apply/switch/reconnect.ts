import { setTimeout as sleep } from 'node:timers/promises'
import { type HostFacts, notUndoneYet } from '../../model/facts.ts'
import type { RemoteEnd } from '../../remote/remote-end.ts'
import type { HostRun, Run } from '../run.ts'
import { recordUndo } from '../undo.ts'
import type { Found } from './turn.ts'

/**
 * Finds out what became of a host whose connection was lost in a switch. A lost connection is never adopted: its
 * remote end puts back while it holds the lock, then goes. Only when the lock is free, or held by another run, is it
 * known to be gone, and only then are link and journal read and believed.
 *
 * @returns undefined: not before `deadlineMs`; nobody knows. Never rejects
 */
export async function findOut(run: Run, host: HostRun, deadlineMs: number): Promise<Found | undefined> {
  host.end.kill()
  const { deps, progress } = run
  const inTime = () => deps.monotonicMs() < deadlineMs && !deps.abandoned.aborted && !progress.over
  while (inTime()) {
    const end = await connect(run, host, deadlineMs)
    if (end === undefined) {
      await sleep(run.limits.connectAgainMs)
      continue
    }
    const found = await ask(run, host, end, { inTime, deadlineMs })
    if (found !== undefined) return found
    end.kill()
    await sleep(run.limits.askLockAgainMs)
  }
  return undefined
}

async function connect(run: Run, host: HostRun, deadlineMs: number): Promise<RemoteEnd | undefined> {
  const leftMs = Math.max(0, Math.ceil(deadlineMs - run.deps.monotonicMs()))
  const signal = AbortSignal.any([run.deps.abandoned, AbortSignal.timeout(leftMs)])
  return run.deps.connect(host.plan.host, signal).catch(() => undefined)
}

/** Undefined: the lock stayed with the old remote end, or this connection was lost as well. The next one will tell. */
async function ask(
  run: Run,
  host: HostRun,
  end: RemoteEnd,
  { inTime, deadlineMs }: { readonly inTime: () => boolean; readonly deadlineMs: number },
): Promise<Found | undefined> {
  try {
    const lock = await awaitLock(run, end, inTime)
    if (lock === undefined) return undefined
    // A disk that answers nobody keeps its host from saying how it stands, though its heart beats.
    const leftMs = Math.max(0, deadlineMs - run.deps.monotonicMs())
    const facts = await run.deps.observe(host.plan.host, end, leftMs)
    host.end = end
    return readFound(run, host, facts, lock === 'ours')
  } catch {
    return undefined
  }
}

async function awaitLock(
  run: Run,
  end: RemoteEnd,
  inTime: () => boolean,
): Promise<'ours' | 'theirs' | undefined> {
  while (inTime()) {
    const { granted, holder } = await end.request(
      'lock',
      { name: run.plan.stage, mode: 'exclusive' },
      { limitMs: run.limits.readBackMs },
    )
    if (granted) return 'ours'
    // The old remote end holds it under this very run; one that did not say who it is may be that as well.
    if (holder !== null && holder.run !== run.plan.run.id) return 'theirs'
    await sleep(run.limits.askLockAgainMs)
  }
  return undefined
}

function readFound(run: Run, host: HostRun, facts: HostFacts, locked: boolean): Found {
  const stage = facts.stages.get(run.plan.stage)
  const link = stage?.link ?? { kind: 'absent' as const }
  host.live = link.kind === 'link' ? link.revision : undefined
  const record = stage?.switches.find(candidate => candidate.id === run.plan.run.id)
  // Another run found our switch open, without its lock files, and has begun one of its own since: this host is theirs.
  const isTaken = record !== undefined && stage?.switches[0]?.id !== record.id
  // What the old remote end could not write went with it; what is read here is all there is.
  host.unrecorded = undefined
  // What it had not undone when it died is still to be undone, from here.
  const results = (record?.undo ?? []).filter(({ reason }) => reason !== notUndoneYet)
  recordUndo(
    host,
    results.map(({ of, ok, reason }) => ({ of, ok, reason: reason ?? null })),
  )
  const is = (text: string | undefined) =>
    text === undefined ? link.kind === 'absent' : link.kind === 'link' && link.text === text
  const { from, to } = host.plan
  // A recovery may switch a link to what it names already: then only the journal tells the one end from the other.
  const isNew = is(to) && (to !== from || record?.state === 'open' || record?.state === 'kept')
  return {
    link: isNew ? 'new' : is(from) ? 'old' : 'other',
    record: record?.state ?? 'none',
    undo: undoState(host),
    locked: locked && !isTaken,
  }
}

function undoState({ started, undone }: HostRun): Found['undo'] {
  if (started.length > 0) return 'due'
  return undone.every(({ ok }) => ok) ? 'done' : 'failed'
}
