import type { HostFacts } from '../model/facts.ts'
import type { HostName, RevisionName, StageName } from '../model/names.ts'
import type { Recipe } from '../model/recipe.ts'
import { StageError } from '../model/stage-error.ts'
import { answeredWithin, OBSERVE_MS } from '../remote/answered-within.ts'
import type { RemoteEnd } from '../remote/remote-end.ts'
import { RemoteRefusal } from '../remote/remote-refusal.ts'
import type { ConnectedHost } from './connect-host.ts'
import { factsFromReport, questionId, refusalIn } from './facts-from-report.ts'
import { sudoQuestions } from './sudo-questions.ts'

/** What to look at on a host. */
export interface Look {
  readonly stages: readonly StageName[]
  /** Revisions whose interpreter is to be started, because something will be decided on it. */
  readonly check: readonly RevisionName[]
  readonly recipes: readonly Recipe[]
  /** Commands that are to be run by sudo, by host. Default: sudo is not asked. */
  readonly sudo?: ReadonlyMap<HostName, readonly (readonly string[])[]>
  /** Paths in `{root}/shared`. Default: none. */
  readonly shared?: readonly string[]
}

/** What ends the wait for an answer. */
export interface Patience {
  /** Stops the host's programs; the answer is then an answer or a refusal. */
  readonly signal?: AbortSignal
  /** Does not wait for an answer any more. */
  readonly abandoned?: AbortSignal
  /** A disk that answers nobody holds up whoever looks at it, while the host's heart beats on. */
  readonly limitMs?: number
}

/**
 * Asks one host about itself in a single request. Writes nothing on the host. Rejects with StageError; where that is because
 * the answer was waited for no longer, the connection is given up.
 */
export async function observeHost(
  { host, end, opened }: ConnectedHost,
  look: Look,
  { signal, abandoned, limitMs = OBSERVE_MS }: Patience = {},
): Promise<HostFacts> {
  const sudo = sudoQuestions(look.sudo?.get(host.name) ?? [])
  const programs = [...new Set(look.recipes.flatMap(recipe => recipe.requires))]
  const facts = [...factQuestions(look.recipes), ...sudo.map(({ question }) => question)]
  const shared = [...(look.shared ?? [])]
  const body = { stages: [...look.stages], check: [...look.check], shared, programs, facts }
  const answer = end.request('observe', body, signal === undefined ? {} : { signal })
  const asked = { host: host.name, what: 'how it stands' }
  const report = await givingUp(end, answeredWithin(limitMs, asked, unlessAbandoned(answer, abandoned)))
  return {
    ...factsFromReport(host.name, opened, host.root, report, look.recipes),
    sudo: sudo.map(({ argv, question }) => ({ argv, refusal: refusalIn(report.facts, question.id) })),
  }
}

function factQuestions(recipes: readonly Recipe[]) {
  return recipes.flatMap(recipe =>
    Object.entries(recipe.facts).map(([name, fact]) => ({
      id: questionId(recipe.name, name),
      argv: [...fact.argv],
      timeoutMs: fact.timeoutMs,
    })),
  )
}

/** A host that did not answer is still at it, and would answer what nobody waits for: it is not asked again on this connection. */
async function givingUp<T>(end: RemoteEnd, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof StageError && !(error instanceof RemoteRefusal)) end.kill()
    throw error
  }
}

async function unlessAbandoned<T>(answer: Promise<T>, abandoned: AbortSignal | undefined): Promise<T> {
  if (abandoned === undefined) return answer
  let leave: () => void = () => undefined
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(new StageError('interrupted', 'its answer was not waited for'))
    abandoned.addEventListener('abort', leave, { once: true })
    if (abandoned.aborted) leave()
  })
  try {
    return await Promise.race([answer, left])
  } finally {
    abandoned.removeEventListener('abort', leave)
  }
}
