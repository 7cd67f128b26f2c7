import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { corpusOf } from './corpus.ts'
import { budgetMs, type FuzzName, isLong, replay } from './shares.ts'

/** What is fed, and what must hold of it. */
export interface Fuzzing<Input> {
  readonly inputs: fc.Arbitrary<Input>
  /** Throws, or rejects, when the input shows a fault. */
  readonly check: (input: Input) => void | Promise<void>
  /** Reads a file of the corpus. */
  readonly read: (bytes: Buffer) => Input
  /** Writes an input as a file of the corpus, so that a fault that was found can be kept. */
  readonly write: (input: Input) => Buffer
  /** Cases between two looks at the clock: many where a case takes microseconds. Default: 4. */
  readonly batch?: number
}

/** For a batch that began in time to end, and for a failure to be made smaller. */
const GRACE_MS = 90_000
const SHRINKING_MS = 60_000

/**
 * Two kinds of tests: every file of the corpus, by its name, which says what it is; then new inputs until the share of
 * the time is over. A failure says how to repeat it, and leaves its input in a file.
 */
export function fuzz<Input>(name: FuzzName, title: string, fuzzing: Fuzzing<Input>): void {
  const files = corpusOf(name)
  describe(`${name}: ${title}`, () => {
    for (const { label, bytes } of files)
      test(`seen before: ${label}`, async () => {
        await fuzzing.check(fuzzing.read(bytes))
      })
    test('whatever comes', { timeout: budgetMs(name) + GRACE_MS }, () => fuzzOn(name, fuzzing))
  })
}

async function fuzzOn<Input>(name: FuzzName, fuzzing: Fuzzing<Input>): Promise<void> {
  const { seed: firstSeed, path } = replay()
  const begun = performance.now()
  let cases = 0
  let seed = firstSeed
  do {
    const { numRuns, failed } = await batch(name, fuzzing, seed, path)
    cases += numRuns
    if (failed !== undefined) throw failed
    seed = (seed + 1) | 0
  } while (path === undefined && performance.now() - begun < budgetMs(name))
  if (isLong()) {
    const seconds = Math.round((performance.now() - begun) / 1_000)
    process.stderr.write(`${name}: ${cases} cases in ${seconds} s, seeds ${firstSeed} to ${seed - 1}\n`)
  }
}

/** One run of fast-check with one seed; small, because it cannot be told to stop without leaving a case half done. */
async function batch<Input>(name: FuzzName, fuzzing: Fuzzing<Input>, seed: number, path: string | undefined) {
  const result = await fc.check(
    fc.asyncProperty(fuzzing.inputs, async input => {
      await fuzzing.check(input)
    }),
    {
      seed,
      ...(path === undefined ? {} : { path }),
      numRuns: fuzzing.batch ?? 4,
      interruptAfterTimeLimit: SHRINKING_MS,
      markInterruptAsFailure: false,
    },
  )
  if (!result.failed) return { numRuns: result.numRuns, failed: undefined }
  const [input] = result.counterexample ?? []
  const file = input === undefined ? 'nowhere: there was no time' : keep(name, fuzzing.write(input))
  const again = `FUZZ_SEED=${result.seed} FUZZ_PATH=${result.counterexamplePath ?? ''}`
  const { errorInstance: cause } = result
  const what = cause instanceof Error ? cause.message : String(cause)
  const lines = [
    `${name}: ${what}`,
    `again: ${again} npx vitest run test/fuzz -t '${name}:'`,
    `input: ${file} (put it into test/fuzz/corpus/${name}/ under a name that says what it is)`,
  ]
  return { numRuns: result.numRuns, failed: new Error(lines.join('\n'), { cause }) }
}

function keep(name: FuzzName, bytes: Buffer): string {
  const label = createHash('sha256').update(bytes).digest('hex').slice(0, 12)
  const file = join(tmpdir(), `stage-fuzz-${name}-${label}`)
  writeFileSync(file, bytes)
  return file
}
