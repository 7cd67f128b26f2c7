import type { HostFacts } from '../model/facts.ts'
import type { HostName, RevisionName, StageName } from '../model/names.ts'
import type { AnyRecipe } from '../model/recipe.ts'
import type { Answer } from '../remote/messages.ts'
import type { RequestOptions } from '../remote/open-request.ts'
import type { RemoteEnd } from '../remote/remote-end.ts'
import type { ConnectedHost } from './connect-host.ts'
import { factsFromReport, questionId, refusalIn } from './facts-from-report.ts'
import { sudoQuestions } from './sudo-questions.ts'

/** In a list of revisions: the previous one of every stage that is asked for (docs/remote-end.md, Observe). No revision is called so. */
const PREVIOUS = '@previous'

/** What to look at on a host. */
export interface Look {
  readonly stages: readonly StageName[]
  /** Revisions whose interpreter is to be started, because something will be decided on it. */
  readonly check: readonly RevisionName[]
  /** Also the one that each of the stages would go back to, which only the host knows before it has answered. */
  readonly previous?: boolean
  readonly recipes: readonly AnyRecipe[]
  /** Commands that are to be run by sudo, by host. Default: sudo is not asked. */
  readonly sudo?: ReadonlyMap<HostName, readonly (readonly string[])[]>
  /** Paths in `{root}/shared`. Default: none. */
  readonly shared?: readonly string[]
}

/** What ends the wait for what a host says of itself. */
export type Patience = Pick<RequestOptions, 'signal' | 'abandoned' | 'limitMs'>

/** Asks one host about itself in a single request. Writes nothing on the host. Rejects like any request. */
export function askAbout(end: RemoteEnd, look: Look, patience: Patience = {}): Promise<Answer<'observe'>> {
  const sudo = sudoQuestions(look.sudo?.get(end.host) ?? [])
  const body = {
    stages: [...look.stages],
    check: [...look.check, ...(look.previous === true ? [PREVIOUS] : [])],
    shared: [...(look.shared ?? [])],
    programs: [...new Set(look.recipes.flatMap(recipe => recipe.requires))],
    facts: [...factQuestions(look.recipes), ...sudo.map(({ question }) => question)],
  }
  return end.request('observe', body, { ...patience, what: 'how it stands' })
}

/** Turns the answer into facts. */
export function factsOf({ host, opened }: ConnectedHost, look: Look, report: Answer<'observe'>): HostFacts {
  const sudo = sudoQuestions(look.sudo?.get(host.name) ?? [])
  return {
    ...factsFromReport(host.name, opened, host.root, report, look.recipes),
    sudo: sudo.map(({ argv, question }) => ({ argv, refusal: refusalIn(report.facts, question.id) })),
  }
}

/** Both at once. Rejects with StageError; where that is because the answer was waited for no longer, the connection is given up. */
export async function observeHost(
  reached: ConnectedHost,
  look: Look,
  patience: Patience = {},
): Promise<HostFacts> {
  return factsOf(reached, look, await askAbout(reached.end, look, patience))
}

function factQuestions(recipes: readonly AnyRecipe[]) {
  return recipes.flatMap(recipe =>
    Object.entries(recipe.facts).map(([name, fact]) => ({
      id: questionId(recipe.name, name),
      argv: [...fact.argv],
      timeoutMs: fact.timeoutMs,
    })),
  )
}
