import type { Measured, Row, Subject } from './row.ts'

/** What a subject came to over all rounds: the median of each unit, and how often it is that of the baseline. */
export interface Result {
  readonly title: string
  readonly medians: Measured
  readonly ratios: Measured
}

/**
 * Runs all subjects of a row, one after the other, round after round, so that whatever else the machine does falls on all
 * of them alike. The first round warms caches up and does not count.
 */
export async function measure(row: Row): Promise<readonly Result[]> {
  await using prepared = await row.prepare()
  const runs = prepared.subjects.map(subject => ({ subject, measured: [] as Measured[] }))
  for (let round = 0; round <= row.rounds; round += 1)
    for (const { subject, measured } of runs) {
      const one = await subject.run()
      if (round > 0) measured.push(one)
    }
  const results = runs.map(({ subject, measured }) => ({ subject, medians: mediansOf(measured) }))
  const baseline = results[0]?.medians ?? {}
  return results.map(({ subject, medians }) => resultOf(subject, medians, baseline))
}

function resultOf({ title }: Subject, medians: Measured, baseline: Measured): Result {
  const ratios = Object.entries(medians).map(([unit, value]) => [unit, value / (baseline[unit] ?? value)])
  return { title, medians, ratios: Object.fromEntries(ratios) }
}

function mediansOf(measured: readonly Measured[]): Measured {
  const units = Object.keys(measured[0] ?? {})
  return Object.fromEntries(units.map(unit => [unit, median(measured.map(one => one[unit] ?? 0))]))
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0
}
