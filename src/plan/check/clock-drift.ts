import type { ClockFacts, Drift } from '../../model/check.ts'
import { advice, warned } from './mend.ts'

/** Journals are read by people: two seconds do not mislead them. No decision hangs on the clock of a host. */
const TOLERATED_MS = 2_000

/** A clock that is surely wrong: by more than what is tolerated even where the round trip explains as much as it can. */
export function clockDrift({ offsetMs, errorMs }: ClockFacts): readonly Drift[] {
  if (Math.abs(offsetMs) - errorMs <= TOLERATED_MS) return []
  const seconds = (Math.abs(offsetMs) / 1000).toFixed(1)
  const actual = `${seconds} s ${offsetMs > 0 ? 'ahead' : 'behind'} (± ${(errorMs / 1000).toFixed(1)} s)`
  const mend = advice('set the clock of the host or of this machine: `timedatectl set-ntp true` keeps it')
  return [warned('clock', 'that of this machine, within 2 s', actual, mend)]
}
