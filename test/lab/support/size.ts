/** `npm run lab:full`: the product's own time limits and all repetitions. Otherwise as short as the same tests can be. */
export const FULL = process.env['STAGE_DEPLOY_LAB'] === 'full'

/** One of two values by the size of this run. */
export function inSize<Value>({ short, full }: { readonly short: Value; readonly full: Value }): Value {
  return FULL ? full : short
}

/** For configurations: the shortest that is allowed, or the default. */
export const heartbeat = inSize({ short: '3s', full: '30s' })

/** How long a host may take until its link is back after its runner was lost: `heartbeat` to notice, and the way back. */
export const LINK_BACK_MS = inSize({ short: 15_000, full: 40_000 })

/** How long it may take until everything that was started is undone and the locks are free. */
export const UNDONE_MS = inSize({ short: 75_000, full: 100_000 })
