import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { labRows, ROWS } from '../support/lab-rows.ts'

const page = fileURLToPath(new URL('../../docs/lab.md', import.meta.url))

/** The files that a row of the table in docs/lab.md links to. */
async function documented(): Promise<Readonly<Record<string, readonly string[]>>> {
  const lines = (await readFile(page, 'utf8')).split('\n')
  const rows = lines.flatMap(line => {
    const [, row] = /^\| (F\d+) \|/.exec(line) ?? []
    if (row === undefined) return []
    return [
      [row, [...line.matchAll(/\]\(\.\.\/(test\/lab\/[^)]+)\)/g)].map(([, file = '']) => file)] as const,
    ]
  })
  return Object.fromEntries(rows)
}

test('every row of the failure lab has a test whose title begins with it, and there are no others', async () => {
  expect([...(await labRows()).keys()].toSorted()).toEqual(ROWS.toSorted())
})

test('docs/lab.md names for every row the files that its tests stand in', async () => {
  const rows = await labRows()
  expect(await documented()).toEqual(Object.fromEntries(ROWS.map(row => [row, rows.get(row) ?? []])))
})
