import { setTimeout as sleep } from 'node:timers/promises'
import type { Emit } from '../model/event.ts'
import type { Holder } from '../model/facts.ts'
import type { HostName } from '../model/names.ts'
import type { RefusalCode } from '../remote/messages.ts'
import type { RemoteEnd } from '../remote/remote-end.ts'
import { RemoteRefusal } from '../remote/remote-refusal.ts'
import { printableFields } from '../shell/printable.ts'
import { type ApplyLimits, productionLimits } from './limits.ts'
import { tellWaiting } from './locked-text.ts'
import { describe, outcomeOfError } from './outcome-of.ts'
import type { Run } from './run.ts'

/** A lock that another run has. */
export interface Held {
  readonly kind: 'held'
  readonly host: HostName
  readonly lock: string
  readonly holder: Holder | undefined
}

/** What asking for all locks came to. */
export type Locked =
  | {
      readonly kind: 'locked'
      /** Who had one of them at first: what was planned before may not hold any more. */
      readonly after: Held | undefined
    }
  | Held
  | {
      readonly kind: 'failed'
      readonly host: HostName
      readonly reason: string
      /** Why the host refused it, as code; undefined: it did not answer, or not so that it could be understood. */
      readonly refusal: RefusalCode | undefined
    }
  | { readonly kind: 'interrupted' }

/** One lock on one host. */
export interface Wish {
  readonly host: HostName
  readonly end: RemoteEnd
  readonly name: string
  readonly mode: 'exclusive' | 'shared'
}

/** The locks of a run: its stage everywhere, and the revision of each host, for itself alone where it is still to be built. */
export function locksOf(run: Run): readonly Wish[] {
  const { stage } = run.plan
  return [...run.hosts.values()].flatMap(({ plan, end }): readonly Wish[] => {
    const mode = plan.stands ? 'shared' : 'exclusive'
    const ofRevision =
      plan.wanted === undefined ? [] : [{ host: plan.host, end, name: plan.wanted, mode } as const]
    return [{ host: plan.host, end, name: stage, mode: 'exclusive' }, ...ofRevision]
  })
}

export interface LockDeps {
  readonly runId: string
  readonly monotonicMs: () => number
  readonly interrupted: AbortSignal
  /** How long to wait for a run that holds a lock; 0: not at all. */
  readonly waitLockMs: number
  /** Says whom this run waits for. */
  readonly emit: Emit
  readonly limits?: ApplyLimits
}

/**
 * Takes every lock on all hosts, or none: all are asked at once. Of two runs that are both still locking, the one
 * with the greater id gives everything back at once; the other asks again for a while. A run that may wait has nothing
 * locked while it does.
 */
export async function takeLocks(wishes: readonly Wish[], deps: LockDeps): Promise<Locked> {
  const { waitAgainMs } = deps.limits ?? productionLimits
  const deadlineMs = deps.monotonicMs() + deps.waitLockMs
  const tell = tellWaiting(deps.emit)
  let after: Held | undefined
  for (;;) {
    const locked = await takeOnce(wishes, deps)
    if (locked.kind === 'locked') return { ...locked, after: after ?? locked.after }
    const leftMs = deadlineMs - deps.monotonicMs()
    if (locked.kind !== 'held' || leftMs <= 0) return locked
    after ??= locked
    tell(locked, leftMs)
    if (!(await slept(Math.min(waitAgainMs, leftMs), deps.interrupted))) return { kind: 'interrupted' }
  }
}

/** False: it was interrupted. */
async function slept(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(ms, undefined, { signal })
    return true
  } catch {
    return false
  }
}

async function takeOnce(wishes: readonly Wish[], deps: LockDeps): Promise<Locked> {
  const granted: Wish[] = []
  const locked = await ask(wishes, granted, deps)
  // Written without waiting: the other run asks again only for so long, and a host may be slow to answer.
  if (locked.kind !== 'locked') for (const { end, name } of granted) end.send('unlock', { name })
  return locked
}

async function ask(wishes: readonly Wish[], granted: Wish[], deps: LockDeps): Promise<Locked> {
  const { giveWayMs, askLockAgainMs, readBackMs: lockMs } = deps.limits ?? productionLimits
  const deadlineMs = deps.monotonicMs() + giveWayMs
  let missing = wishes
  let after: Held | undefined
  for (;;) {
    const replies = await Promise.all(missing.map(wish => askOne(wish, lockMs)))
    granted.push(...missing.filter((_, index) => replies[index]?.kind === 'granted'))
    const broken = replies.find(reply => reply.kind === 'failed')
    if (broken !== undefined) return broken
    if (deps.interrupted.aborted) return { kind: 'interrupted' }
    const held = replies.filter(reply => reply.kind === 'held')
    const [first] = held
    if (first === undefined) return { kind: 'locked', after }
    after ??= first
    // A holder that did not write down yet who it is has only just begun: the next answer will tell.
    const mustGiveWay = held.find(({ holder }) => holder !== undefined && holder.run <= deps.runId)
    if (mustGiveWay !== undefined || deps.monotonicMs() >= deadlineMs) return mustGiveWay ?? first
    missing = missing.filter((_, index) => replies[index]?.kind === 'held')
    await sleep(askLockAgainMs)
  }
}

type Reply = { readonly kind: 'granted' } | Held | Extract<Locked, { kind: 'failed' }>

async function askOne({ host, end, name, mode }: Wish, limitMs: number): Promise<Reply> {
  try {
    const { granted, holder } = await end.request('lock', { name, mode }, { limitMs })
    if (granted) return { kind: 'granted' }
    return { kind: 'held', host, lock: name, holder: holder === null ? undefined : printableFields(holder) }
  } catch (error) {
    const refusal = error instanceof RemoteRefusal ? error.refusal : undefined
    return { kind: 'failed', host, reason: describe(outcomeOfError(error)), refusal }
  }
}
