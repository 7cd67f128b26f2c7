import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createRedactor } from '../../src/report/redact.ts'
import { spellingsOf } from '../../src/report/secret-spellings.ts'

/** What hosts are held to as well: test/remote/end/test_secret_spellings.py. */
const cases: readonly {
  readonly what: string
  readonly value: string
  readonly spellings: readonly string[]
  /** What a program made of the value, and what is shown of it. */
  readonly printed: readonly { readonly by: string; readonly text: string; readonly shown: string }[]
}[] = JSON.parse(readFileSync(new URL('spellings.json', import.meta.url), 'utf8'))

describe.each(cases)('a secret of $what', ({ value, spellings, printed }) => {
  test('has the spellings of the cases', () => {
    expect(spellingsOf(value).toSorted()).toEqual(spellings.toSorted())
  })

  test('is hidden in what programs make of it', () => {
    const redact = createRedactor(new Map([['S', value]]))
    expect(printed.map(({ by, text }) => [by, redact(text)])).toEqual(
      printed.map(({ by, shown }) => [by, shown]),
    )
  })
})

test('most secrets have one spelling', () => {
  expect(spellingsOf('Zm9vYmFyYmF6cXV4')).toEqual(['Zm9vYmFyYmF6cXV4'])
})

test('blanks and short parts have none, but a short value stands for itself', () => {
  expect(spellingsOf(' \n\t ')).toEqual([])
  expect(spellingsOf('a"b')).toEqual(['a"b'])
  expect(spellingsOf('{\n}\n"abcd"')).not.toContain('}')
})

test('looking for many secrets takes little time', () => {
  const secrets = Array.from(
    { length: 20 },
    (_, number) => [`S${number}`, `aB3/+"${number}`.repeat(5)] as const,
  )
  const redact = createRedactor(new Map(secrets))
  const began = performance.now()
  for (let line = 0; line < 30_000; line++)
    redact(`Collecting wheel-${line} (from https://pypi.example.com/simple/wheel) "ok"`)
  expect(performance.now() - began).toBeLessThan(2_000)
})
