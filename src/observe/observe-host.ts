import type { HostFacts } from '../model/facts.ts'
import type { HostName, RevisionName, StageName } from '../model/names.ts'
import type { Recipe } from '../model/recipe.ts'
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
  const sudo = sudoQuestions(look.sudo?.get(host.name) ?? [])
  const asked = [...facts, ...sudo.map(({ question }) => question)]
  const body = { stages: [...look.stages], check: [...look.check], programs, facts: asked }
  const report = await end.request('observe', body, options)
  return {
    ...factsFromReport(host.name, opened, host.root, report, look.recipes),
    sudo: sudo.map(({ argv, question }) => ({ argv, refusal: refusalIn(report.facts, question.id) })),
  }
}
