/** A host's `time.time_ns()` as ISO 8601 with microseconds, which a JavaScript date does not have. */
export function isoOfNs(ns: string): string {
  const micros = BigInt(ns) / 1_000n
  const seconds = new Date(Number(micros / 1_000n)).toISOString().slice(0, 'yyyy-mm-ddThh:mm:ss'.length)
  return `${seconds}.${(micros % 1_000_000n).toString().padStart(6, '0')}Z`
}
