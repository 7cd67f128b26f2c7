import type { HostFacts } from '../model/facts.ts'
import type { RevisionName, StageName } from '../model/names.ts'
import type { Recipe } from '../model/recipe.ts'
import type { Answer } from '../remote/messages.ts'
import type { RemoteEnd } from '../remote/remote-end.ts'
import type { ConnectedHost } from './connect-host.ts'
import { factsFromReport, questionId } from './facts-from-report.ts'

/** In a list of revisions: the previous one of every stage that is asked for (docs/remote-end.md, Observe). No revision is called so. */
const PREVIOUS = '@previous'

/** What to look at on a host. */
export interface Look {
  readonly stages: readonly StageName[]
  /** Revisions whose interpreter is to be started, because something will be decided on it. */
  readonly check: readonly RevisionName[]
  /** Also the one that each of the stages would go back to, which only the host knows before it has answered. */
  readonly previous?: boolean
  readonly recipes: readonly Recipe[]
}

/** Asks one host about itself in a single request. Writes nothing on the host. Rejects like any request. */
export function askAbout(
  end: RemoteEnd,
  look: Look,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Answer<'observe'>> {
  const facts = look.recipes.flatMap(recipe =>
    Object.entries(recipe.facts).map(([name, fact]) => ({
      id: questionId(recipe.name, name),
      argv: [...fact.argv],
      timeoutMs: fact.timeoutMs,
    })),
  )
  const programs = [...new Set(look.recipes.flatMap(recipe => recipe.requires))]
  const check = [...look.check, ...(look.previous === true ? [PREVIOUS] : [])]
  return end.request('observe', { stages: [...look.stages], check, programs, facts }, options)
}

/** Turns the answer into facts. */
export const factsOf = ({ host, opened }: ConnectedHost, look: Look, report: Answer<'observe'>): HostFacts =>
  factsFromReport(host.name, opened, host.root, report, look.recipes)

/**
 * Both at once. Rejects with StageError; a signal that fires stops the host's programs, and the answer is then an answer
 * or a refusal.
 */
export async function observeHost(
  reached: ConnectedHost,
  look: Look,
  options: { readonly signal?: AbortSignal } = {},
): Promise<HostFacts> {
  return factsOf(reached, look, await askAbout(reached.end, look, options))
}
