import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type Mutant, mutated, rowsOf } from '../lab/mutants/mutant.ts'
import { mutants } from '../lab/mutants.ts'
import { type LabReport, labVerdict } from '../lab/support/lab-verdict.ts'
import { labRows, ROWS } from '../support/lab-rows.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))

describe('the list of protections that are taken out to see the lab fail', () => {
  test.each(mutants.map(mutant => [mutant.protection, mutant] as const))(
    'follows the code: %s',
    async (_what, mutant) => {
      const source = await readFile(join(repository, mutant.file), 'utf8')
      expect(mutated(source, mutant)).not.toBe(source)
    },
  )

  test('has one for every row at least', () => {
    expect(ROWS.filter(row => !mutants.some(mutant => rowsOf(mutant).includes(row)))).toEqual([])
  })

  test('names test files that have the rows of their titles', async () => {
    const rows = await labRows()
    const without = mutants.filter(
      mutant => !rowsOf(mutant).every(row => rows.get(row)?.includes(mutant.seenBy.file)),
    )
    expect(without.map(({ protection }) => protection)).toEqual([])
  })

  test('tells them apart', () => {
    expect(new Set(mutants.map(({ protection }) => protection)).size).toBe(mutants.length)
  })
})

describe('a run of the lab without a protection', () => {
  const mutant: Mutant = {
    ...{ protection: 'it is locked', file: 'src/lock.ts', old: 'a', instead: 'b' },
    seenBy: { file: 'test/lab/lock.test.ts', title: /^F11 two runners/ },
  }
  const report = (
    status: string,
    failure = '',
    fullName = 'F11 two runners exclude each other',
  ): LabReport => ({
    testResults: [{ message: '', assertionResults: [{ fullName, status, failureMessages: [failure] }] }],
  })

  test.each([
    ['AssertionError: expected 0 to be 7', 'killed'],
    ['Error: Snapshot `F11` mismatched', 'killed'],
    ['Error: Test timed out in 120000ms.', 'killed'],
    ['Error: the SSH server of web2 does not come up', 'broken'],
  ])('that fails with %j is %s', (failure, kind) => {
    expect(labVerdict(report('failed', failure), mutant)).toMatchObject({ kind })
  })

  test('that fails as the list says it will is a kill', () => {
    const said = { ...mutant, says: /ended without/ }
    expect(labVerdict(report('failed', 'Error: it ended without switched'), said)).toMatchObject({
      kind: 'killed',
    })
  })

  test('that passes has missed it', () => {
    expect(labVerdict(report('passed'), mutant)).toEqual({ kind: 'survived' })
  })

  test('in which no such test ran tells nothing', () => {
    expect(labVerdict(report('skipped'), mutant)).toMatchObject({ kind: 'broken' })
    expect(labVerdict(report('failed', 'AssertionError', 'F12 another'), mutant)).toMatchObject({
      kind: 'broken',
    })
  })

  test('whose file could not be set up tells nothing', () => {
    const suite: LabReport = { testResults: [{ message: 'no sshd', assertionResults: [] }] }
    expect(labVerdict(suite, mutant)).toEqual({ kind: 'broken', why: 'no sshd' })
  })
})

test('a mutant whose text is not there exactly once is an error', () => {
  const mutant: Mutant = {
    ...{ protection: 'p', file: 'f', old: 'x', instead: 'y' },
    seenBy: { file: 't', title: /^F1 F2 an upload/ },
  }
  expect(mutated('a x b', mutant)).toBe('a y b')
  expect(() => mutated('a b', mutant)).toThrow(/there 0 times/)
  expect(() => mutated('x x', mutant)).toThrow(/there 2 times/)
  expect(rowsOf(mutant)).toEqual(['F1', 'F2'])
})
