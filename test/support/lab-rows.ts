import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const repository = fileURLToPath(new URL('../..', import.meta.url))

/** The faults that the lab has to inject: docs/lab.md says what each is. */
export const ROWS: readonly string[] = Array.from({ length: 27 }, (_, index) => `F${index + 1}`)

/** The files of the lab by row, sorted: those with a title, of a test or of a block of tests, that begins with the row. */
export async function labRows(): Promise<ReadonlyMap<string, readonly string[]>> {
  const names = (await readdir(join(repository, 'test/lab')))
    .filter(name => name.endsWith('.test.ts'))
    .toSorted()
  const files = new Map<string, readonly string[]>()
  for (const name of names) {
    const text = await readFile(join(repository, 'test/lab', name), 'utf8')
    const titles = [...text.matchAll(/['"`]((?:F\d+ )+)/g)].flatMap(([, rows = '']) => rows.trim().split(' '))
    for (const row of new Set(titles)) files.set(row, [...(files.get(row) ?? []), `test/lab/${name}`])
  }
  return files
}
