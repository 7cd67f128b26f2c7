import type { Fact } from '../model/recipe.ts'
import type { Answer } from '../remote/messages.ts'

type FactAnswer = Answer<'observe'>['facts'][number]

/** What a question came to. */
export type ReadAnswer<Value> =
  | { readonly kind: 'answered'; readonly value: Value }
  | { readonly kind: 'unanswered'; readonly reason: string }

/** Reads what a host answered with the question's own parser. A parser that throws leaves it unanswered, with its message. */
export function readAnswer<Value>(fact: Fact<Value>, answer: FactAnswer | undefined): ReadAnswer<Value> {
  if (answer === undefined) return { kind: 'unanswered', reason: 'the host did not answer it' }
  const reason = refusalOf(answer)
  if (reason !== undefined) return { kind: 'unanswered', reason }
  try {
    return { kind: 'answered', value: fact.parse(answer.out) }
  } catch (error) {
    return { kind: 'unanswered', reason: error instanceof Error ? error.message : String(error) }
  }
}

/** Why a program did not answer; undefined: it did. */
export function refusalOf({ ended, err }: FactAnswer): string | undefined {
  if (ended.kind === 'exited' && ended.code === 0) return ended.reason ?? undefined
  const said = err.trim().split('\n').at(-1) ?? ''
  const how = ended.kind === 'exited' ? `exit ${ended.code}` : (ended.reason ?? ended.signal ?? ended.kind)
  return said === '' ? how : `${how}: ${said}`
}
