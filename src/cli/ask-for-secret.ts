import type { HostName } from '../model/names.ts'
import { defineRecipe } from '../recipe/define-recipe.ts'
import { fact } from '../recipe/fact.ts'
import type { Session } from './session.ts'

/** What a recipe is called that nobody wrote. */
const ASKING = 'secret'

/**
 * Runs a program on a host that was reached, in its root, as a fact is asked: what it prints is in no event and no log.
 *
 * @returns what it printed; undefined: it failed, or the host was not reached
 */
export async function askForSecret(
  session: Pick<Session, 'ends' | 'observeAgain'>,
  host: HostName,
  command: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const end = session.ends.get(host)
  if (end === undefined) return undefined
  const recipe = defineRecipe({ name: ASKING, facts: { value: fact(command, printed => printed) } })
  const { answers } = await session.observeAgain(
    end,
    { stages: [], check: [], recipes: [recipe] },
    { signal },
  )
  const value = answers.get(ASKING)?.['value']
  return typeof value === 'string' ? value : undefined
}
