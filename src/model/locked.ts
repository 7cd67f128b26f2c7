/** What to do about a lock that another run has: there is nothing to take away. */
export const lockedHint =
  'wait until that run has ended; the lock goes with it. `--wait-lock SECONDS` does that'
