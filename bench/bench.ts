import { parseArgs } from 'node:util'
import { deployRow } from './rows/deploy.ts'
import { extensionRows } from './rows/extension.ts'
import { longPastRow } from './rows/long-past.ts'
import { rollbackRow } from './rows/rollback.ts'
import { scaleRow } from './rows/scale.ts'
import { skewRows } from './rows/skew.ts'
import { startUpRow } from './rows/start-up.ts'
import { switchRows } from './rows/switch.ts'
import { uploadRow } from './rows/upload.ts'
import { measure, type Result } from './support/measure.ts'
import type { Row } from './support/row.ts'

const rows: readonly Row[] = [
  deployRow,
  ...switchRows,
  rollbackRow,
  ...skewRows,
  uploadRow,
  ...extensionRows,
  startUpRow,
  scaleRow,
  longPastRow,
]

/**
 * Measures the rows that are named, or whose names begin so, or all of them, and prints a table of each.
 * `--rounds N` instead of a row's own number.
 *
 * @returns the exit status: 2 for what is neither
 */
export async function bench(argv: readonly string[]): Promise<number> {
  const { values, positionals: words } = parseArgs({
    args: [...argv],
    options: { rounds: { type: 'string' } },
    allowPositionals: true,
  })
  const unknown = words.filter(word => rowsCalled(word).length === 0)
  if (unknown.length > 0) {
    const names = rows.map(({ name }) => name).join(', ')
    process.stderr.write(`no such row: ${unknown.join(', ')}\n  → the rows are ${names}\n`)
    return 2
  }
  const chosen = words.length === 0 ? rows : words.flatMap(rowsCalled)
  for (const row of chosen) {
    const rounds = Number(values.rounds ?? row.rounds)
    process.stdout.write(`${row.name}: ${row.title} (${rounds} rounds)\n`)
    for (const result of await measure({ ...row, rounds })) process.stdout.write(`  ${lineOf(result)}\n`)
  }
  return 0
}

/** `switch-3` is one row, `switch` is all that begin so. */
function rowsCalled(word: string): readonly Row[] {
  const exact = rows.filter(({ name }) => name === word)
  return exact.length > 0 ? exact : rows.filter(({ name }) => name.startsWith(word))
}

function lineOf({ title, medians, ratios }: Result): string {
  const values = Object.entries(medians).map(([unit, value]) => {
    const digits = value < 100 ? 1 : 0
    return `${value.toFixed(digits).padStart(8)} ${unit} ${(ratios[unit] ?? 1).toFixed(2).padStart(6)} x`
  })
  return `${title.padEnd(28)}${values.join('   ')}`
}
