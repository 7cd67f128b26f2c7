import type { HostFacts } from '../model/facts.ts'
import type { RevisionName, StageName } from '../model/names.ts'
import type { Recipe } from '../model/recipe.ts'
import type { ConnectedHost } from './connect-host.ts'
import { factsFromReport, questionId } from './facts-from-report.ts'

/** What to look at on a host. */
export interface Look {
  readonly stages: readonly StageName[]
  /** Revisions whose interpreter is to be started, because something will be decided on it. */
  readonly check: readonly RevisionName[]
  readonly recipes: readonly Recipe[]
  /** Paths in `{root}/shared`. Default: none. */
  readonly shared?: readonly string[]
}

/**
 * Asks one host about itself in a single request. Writes nothing on the host. Rejects with StageError;
 * a signal that fires stops the host's programs, and the answer is then an answer or a refusal.
 */
export async function observeHost(
  { host, end, opened }: ConnectedHost,
  look: Look,
  options: { readonly signal?: AbortSignal } = {},
): Promise<HostFacts> {
  const facts = look.recipes.flatMap(recipe =>
    Object.entries(recipe.facts).map(([name, fact]) => ({
      id: questionId(recipe.name, name),
      argv: [...fact.argv],
      timeoutMs: fact.timeoutMs,
    })),
  )
  const programs = [...new Set(look.recipes.flatMap(recipe => recipe.requires))]
  const shared = [...(look.shared ?? [])]
  const body = { stages: [...look.stages], check: [...look.check], shared, programs, facts }
  const report = await end.request('observe', body, options)
  return factsFromReport(host.name, opened, host.root, report, look.recipes)
}
