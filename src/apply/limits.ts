import type { Plan } from '../model/plan.ts'
import { OBSERVE_MS } from '../remote/message-limits.ts'

/** Every wait of a run that is not a step's own time limit. Milliseconds; tests shorten them. */
export interface ApplyLimits {
  /** How long the run with the smaller id asks again for a lock that another one, still locking, has to give back. */
  readonly giveWayMs: number
  readonly askLockAgainMs: number
  /** Between two attempts to lock, for a run that waits for another one to end. */
  readonly waitAgainMs: number
  /** For a host's second look at itself, when the locks are taken: as long as the first may take. */
  readonly observeMs: number
  /** For work on the files of a revision: unpacking, hashing, sealing, removing. An upload: without a chunk being taken. */
  readonly filesMs: number
  /** For arming, which writes two links and a line, and looks at the revision's record. */
  readonly armMs: number
  /** A host that has not confirmed `fire` after this is put back, with all others. */
  readonly fireMs: number
  readonly keepMs: number
  /** A link is renamed back in one system call; a host that does not say so in this time is lost. */
  readonly putBackMs: number
  /** From the loss of a host in the switch: for finding out what became of it, and for going forward again. */
  readonly findOutMs: number
  readonly connectAgainMs: number
  readonly readBackMs: number
}

/**
 * DESIGN 4 (giving way) and 6 (fire, asking for the lock again, the time for finding out); work on files has as long as a step
 * has by default.
 */
export const productionLimits: ApplyLimits = {
  giveWayMs: 5_000,
  askLockAgainMs: 100,
  waitAgainMs: 1_000,
  observeMs: OBSERVE_MS,
  filesMs: 600_000,
  armMs: 30_000,
  fireMs: 10_000,
  keepMs: 10_000,
  putBackMs: 10_000,
  findOutMs: 120_000,
  connectAgainMs: 500,
  readBackMs: 10_000,
}

/** How long work on files is waited for, and the option that lengthens the wait. */
export const fileWork = ({ filesMs }: Pick<ApplyLimits, 'filesMs'>) =>
  ({ limitMs: filesMs, option: '`fileTimeout`' }) as const

/**
 * The heartbeat limit that the time for finding out was chosen for: silence of that length, then 8 s for programs, 68 s for
 * undo steps and 10 s for threads to end (`docs/protocol.md`, section 8).
 */
const USUAL_HEARTBEAT_MS = 30_000

/** The limits of a run: a host that may be silent for longer is given that much more time to put itself back. */
export function limitsFor({
  heartbeatMs,
  fileTimeoutMs,
}: Pick<Plan, 'heartbeatMs' | 'fileTimeoutMs'>): ApplyLimits {
  const more = Math.max(0, heartbeatMs - USUAL_HEARTBEAT_MS)
  return { ...productionLimits, filesMs: fileTimeoutMs, findOutMs: productionLimits.findOutMs + more }
}
