/** What has to be done at the end, latest first: a small AsyncDisposableStack, which Node 20 does not have. */
export interface Cleanups extends AsyncDisposable {
  defer(cleanup: () => Promise<void>): void
  /** Hands everything over to the one returned; disposing of this one does nothing any more. */
  move(): AsyncDisposable
}

/** All cleanups run, whatever the others do; then the first failure is thrown. */
export function collectCleanups(): Cleanups {
  const deferred: (() => Promise<void>)[] = []
  return {
    defer: cleanup => void deferred.push(cleanup),
    move: () => {
      const moved = deferred.splice(0)
      return { [Symbol.asyncDispose]: () => runAll(moved) }
    },
    [Symbol.asyncDispose]: () => runAll(deferred),
  }
}

async function runAll(deferred: (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = []
  for (const cleanup of deferred.splice(0).reverse())
    await cleanup().catch((error: unknown) => failures.push(error))
  if (failures.length > 0) throw failures[0]
}
