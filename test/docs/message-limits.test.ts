import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { requests } from '../../src/remote/messages.ts'

const page = fileURLToPath(new URL('../../docs/remote-end.md', import.meta.url))

const KIB = 1024
const MIB = 1024 * KIB
const GIB = 1024 * MIB

function size(bytes: number): string {
  if (bytes === 0) return '–'
  if (bytes % GIB === 0) return `${bytes / GIB} GiB`
  return bytes % MIB === 0 ? `${bytes / MIB} MiB` : `${bytes / KIB} KiB`
}

/** A program's own time is not in the table; bodies without one say it all. */
const aProgram = { timeoutMs: 0, run: { timeoutMs: 0 }, probe: { timeoutMs: 0 } }

const rows = Object.entries(requests).map(([name, { limits }]) => {
  const { answerBytes, answerValues, dataBytes, outputBytes, stops } = limits
  const isProgram = !Number.isFinite(outputBytes)
  const withinS = Number(Reflect.apply(limits.withinMs, undefined, [{ spec: aProgram }])) / 1000
  const time = isProgram ? `its own and ${withinS} s` : `${withinS} s`
  const answer = `${size(answerBytes)}, ${answerValues.toLocaleString('en')} values`
  return `| \`${name}\` | ${answer} | ${size(dataBytes)} | ${isProgram ? 'yes' : '–'} | ${time} | ${stops ? 'yes' : '–'} |`
})

test('docs/remote-end.md has the limits of every message as the table of messages has them', async () => {
  const text = await readFile(page, 'utf8')
  const [, written = ''] =
    /\| message \| .*\n\|---.*\n([\s\S]*?)\n\n/.exec(text.slice(text.indexOf('## Limits'))) ?? []
  expect(written.split('\n')).toEqual(rows)
})
