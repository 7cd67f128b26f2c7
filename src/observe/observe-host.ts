import type { HostFacts } from '../model/facts.ts'
import type { HostName, RevisionName, StageName } from '../model/names.ts'
import type { Recipe } from '../model/recipe.ts'
import type { ConnectedHost } from './connect-host.ts'
import { factsFromReport, questionId, refusalIn } from './facts-from-report.ts'
import { type Patience, patiently } from './patience.ts'
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

/**
 * Asks one host about itself in a single request. Writes nothing on the host. Rejects with StageError; where that is because
 * the answer was waited for no longer, the connection is given up.
 */
export async function observeHost(
  { host, end, opened }: ConnectedHost,
  look: Look,
  patience: Patience = {},
): Promise<HostFacts> {
  const sudo = sudoQuestions(look.sudo?.get(host.name) ?? [])
  const programs = [...new Set(look.recipes.flatMap(recipe => recipe.requires))]
  const facts = [...factQuestions(look.recipes), ...sudo.map(({ question }) => question)]
  const shared = [...(look.shared ?? [])]
  const body = { stages: [...look.stages], check: [...look.check], shared, programs, facts }
  const { signal } = patience
  const answer = end.request('observe', body, signal === undefined ? {} : { signal })
  const asked = { host: host.name, what: 'how it stands' }
  const report = await patiently(end, asked, answer, patience)
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
