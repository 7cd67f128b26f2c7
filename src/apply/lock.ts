import { setTimeout as sleep } from 'node:timers/promises'
import type { Holder } from '../model/facts.ts'
import type { HostName } from '../model/names.ts'
import type { RemoteEnd } from '../remote/remote-end.ts'
import { outcomeOfError } from './outcome-of.ts'
import type { Run } from './run.ts'

/** How long the run with the smaller id asks again while another one, which has to give way, still holds a lock. */
const GIVE_WAY_MS = 5_000
const ASK_AGAIN_MS = 100

/** What asking for all locks came to. */
export type Locked =
  | { readonly kind: 'locked' }
  | {
      readonly kind: 'held'
      readonly host: HostName
      readonly lock: string
      readonly holder: Holder | undefined
    }
  | { readonly kind: 'failed'; readonly host: HostName; readonly reason: string }
  | { readonly kind: 'interrupted' }

/** One lock on one host. */
export interface Wish {
  readonly host: HostName
  readonly end: RemoteEnd
  readonly name: string
  readonly mode: 'exclusive' | 'shared'
}

/** The locks of a run: its stage everywhere, and its revision, for itself alone where it is still to be built. */
export function locksOf(run: Run): readonly Wish[] {
  const { stage, revision } = run.plan
  return [...run.hosts.values()].flatMap(({ plan, end }): readonly Wish[] => [
    { host: plan.host, end, name: stage, mode: 'exclusive' },
    { host: plan.host, end, name: revision.name, mode: plan.stands ? 'shared' : 'exclusive' },
  ])
}

/**
 * Takes every lock on all hosts, or none: all are asked at once. Of two runs that are both still locking, the one
 * with the greater id gives everything back (its connections close); the other asks again for a while.
 */
export async function takeLocks(
  wishes: readonly Wish[],
  deps: { readonly runId: string; readonly monotonicMs: () => number; readonly interrupted: AbortSignal },
): Promise<Locked> {
  const deadlineMs = deps.monotonicMs() + GIVE_WAY_MS
  let missing = wishes
  for (;;) {
    const answers = await Promise.all(missing.map(wish => ask(wish)))
    const broken = answers.find(answer => answer.kind === 'failed')
    if (broken?.kind === 'failed') return broken
    if (deps.interrupted.aborted) return { kind: 'interrupted' }
    const refused = answers.flatMap(answer => (answer.kind === 'held' ? [answer] : []))
    const [first] = refused
    if (first === undefined) return { kind: 'locked' }
    const mustGiveWay = refused.find(({ holder }) => holder === undefined || holder.run <= deps.runId)
    if (mustGiveWay !== undefined || deps.monotonicMs() > deadlineMs) return mustGiveWay ?? first
    missing = refused.map(({ wish }) => wish)
    await sleep(ASK_AGAIN_MS)
  }
}

type Reply =
  | { readonly kind: 'granted' }
  | (Extract<Locked, { kind: 'held' }> & { readonly wish: Wish })
  | Extract<Locked, { kind: 'failed' }>

async function ask(wish: Wish): Promise<Reply> {
  const { host } = wish
  try {
    const { granted, holder } = await wish.end.request('lock', { name: wish.name, mode: wish.mode })
    if (granted) return { kind: 'granted' }
    return { kind: 'held', host, lock: wish.name, holder: holder ?? undefined, wish }
  } catch (error) {
    const outcome = outcomeOfError(error)
    return {
      kind: 'failed',
      host,
      reason: outcome.kind === 'failed' || outcome.kind === 'unknown' ? outcome.reason : outcome.kind,
    }
  }
}
