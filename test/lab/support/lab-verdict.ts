import type { Mutant } from '../mutants/mutant.ts'

/** The parts of vitest's JSON report that tell what became of a mutant. */
export interface LabReport {
  readonly testResults: readonly {
    readonly message: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages?: readonly string[] | null
    }[]
  }[]
}

/** `broken`: nothing is known, because something else than the promise failed. */
export type LabVerdict =
  | { readonly kind: 'killed'; readonly by: string }
  | { readonly kind: 'survived' }
  | { readonly kind: 'broken'; readonly why: string }

/**
 * How a test says that what was promised was not so: an assertion (of `expect.poll` too), a snapshot, or its time
 * limit, which vitest's JSON report tells by a stack without a message.
 */
const JUDGES = /^(?:AssertionError|Error: (?:expected |Snapshot |Test timed out|STACK_TRACE_ERROR))/

/**
 * Judges a run of the lab with one protection taken out. A test that failed on its way to what it asserts, such as by a
 * host that did not start, proves nothing.
 */
export function labVerdict({ testResults }: LabReport, { seenBy, says }: Mutant): LabVerdict {
  const ran = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(
      ({ status, fullName }) => (status === 'passed' || status === 'failed') && seenBy.title.test(fullName),
    )
  const failed = ran.filter(({ status }) => status === 'failed')
  const [first] = failed
  if (first === undefined) {
    const message = testResults.map(result => result.message).find(text => text !== '')
    if (message !== undefined) return { kind: 'broken', why: message }
    if (ran.length === 0)
      return { kind: 'broken', why: `no test ran whose title matches ${seenBy.title.source}` }
    return { kind: 'survived' }
  }
  const messages = failed.map(({ failureMessages }) => failureMessages?.[0] ?? '')
  const other = messages.find(message => !JUDGES.test(message) && says?.test(message) !== true)
  return other === undefined ? { kind: 'killed', by: first.fullName } : { kind: 'broken', why: other }
}
