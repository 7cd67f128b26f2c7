import type { Problem } from '../model/problem.ts'
import { withoutCredentials } from '../shell/credentials.ts'

const plainKey = /^[\w:-]+$/

/**
 * A place in what somebody wrote, such as `stages.production.hosts[1]`, and the one list of everything that is
 * wrong at any place of it. Reading never stops at the first fault: a reader says what is wrong at its place and
 * returns a harmless stand-in, so that the rest is read as well. Whoever began the reading looks at `problems` last.
 */
export class Place {
  readonly path: string
  readonly #problems: Problem[]

  constructor(path = '', problems: Problem[] = []) {
    this.path = path
    this.#problems = problems
  }

  /** Everything that is wrong here, above and below, in the order it was found. */
  get problems(): readonly Problem[] {
    return this.#problems
  }

  /** The place of one entry: of a list by its index, of an object by its key. */
  at(key: string | number): Place {
    return new Place(this.path + step(key, this.path === ''), this.#problems)
  }

  /** Says that what stands here cannot be used. `code` is for programs, the rest is for people. */
  wrong(code: string, message: string, hint?: string): void {
    this.#problems.push({ code, where: this.path, message, hint, severity: 'error' })
  }

  /** Takes over what was found by somebody who did not know of this place; its paths start from here. */
  adopt(problems: readonly Problem[]): void {
    for (const problem of problems)
      this.#problems.push({ ...problem, where: joined(this.path, problem.where) })
  }
}

function step(key: string | number, first: boolean): string {
  if (typeof key === 'number') return `[${key}]`
  if (!plainKey.test(key)) return `[${JSON.stringify(withoutCredentials(key))}]`
  return first ? key : `.${key}`
}

function joined(outer: string, inner: string): string {
  if (outer === '' || inner === '') return outer + inner
  return inner.startsWith('[') ? outer + inner : `${outer}.${inner}`
}
