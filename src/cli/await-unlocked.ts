import { setTimeout as sleep } from 'node:timers/promises'
import { tellWaiting } from '../apply/locked-text.ts'
import type { Emit } from '../model/event.ts'
import type { Target } from '../model/target.ts'
import { stageOf } from '../plan/stage-history.ts'
import type { Session } from './session.ts'

/** Hosts are asked again this often whether the run that holds the stage has ended. */
const ASK_AGAIN_MS = 1_000

/**
 * Waits until no other run holds the stage on any host of the target, the time is up, or `signal` fires. A host that cannot
 * be read holds nobody up: what comes next says so.
 *
 * @param deadlineMs by the monotonic clock; in the past: nobody is asked
 */
export async function awaitUnlocked(
  target: Target,
  session: Session,
  {
    emit,
    deadlineMs,
    signal,
  }: { readonly emit: Emit; readonly deadlineMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const tell = tellWaiting(emit)
  const look = { stages: [target.stage], check: [], recipes: [] }
  for (;;) {
    const leftMs = deadlineMs - performance.now()
    if (leftMs <= 0 || signal.aborted) return
    const seen = [...(await session.observe(target.hosts, look)).values()]
    const [held] = seen.flatMap(one => {
      const holder = one.kind === 'read' ? stageOf(one.facts, target.stage).lock : undefined
      return one.kind === 'read' && holder !== undefined
        ? [{ host: one.facts.host, lock: target.stage, holder }]
        : []
    })
    if (held === undefined || signal.aborted) return
    tell(held, leftMs)
    await sleep(Math.min(ASK_AGAIN_MS, leftMs), undefined, { signal }).catch(() => undefined)
  }
}
