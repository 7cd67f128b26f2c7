/** What one run came to, by unit: `ms`, `MiB`. Every run of a row names the same units. */
export type Measured = Readonly<Record<string, number>>

/** One way to do what a row is about. */
export interface Subject {
  readonly title: string
  /** Does it once. What must be done before, and does not count, it does itself. */
  readonly run: () => Promise<Measured>
}

/** Subjects with everything they need; the first is the baseline. */
export interface Prepared extends AsyncDisposable {
  readonly subjects: readonly Subject[]
}

/** A row of the table. */
export interface Row {
  /** By which it is chosen on the command line. */
  readonly name: string
  readonly title: string
  readonly rounds: number
  readonly prepare: () => Promise<Prepared>
}

/** Runs `work` and tells how long it took. */
export async function timed(work: () => Promise<unknown>): Promise<Measured> {
  const startedMs = performance.now()
  await work()
  return { ms: performance.now() - startedMs }
}
