import { StageError } from 'stage-deploy'

/** What is wrong with one option of a recipe. An empty key: with all of them. */
export interface OptionFault {
  readonly key: string
  /** The options that it is a part of, the outermost first. */
  readonly inside?: readonly string[]
  readonly message: string
}

/**
 * What a recipe throws for options it cannot take: a `config` error whose problems lead to each key, spelled as every path in
 * a configuration spells one (`["a b"]` where it is no plain word).
 */
export function refusedOptions(recipe: string, faults: readonly OptionFault[]): StageError {
  const problems = faults.map(({ inside = [], key, message }) => ({
    code: 'option',
    where: key === '' ? '' : spelled([...inside, key]),
    message,
    hint: undefined,
    severity: 'error' as const,
  }))
  const text = problems.map(({ where, message }) => `${where}: ${message}`).join('; ')
  return new StageError('config', `${recipe}: ${text}`, { problems })
}

const spelled = (path: readonly string[]): string =>
  path
    .map((key, depth) => {
      if (!/^[\w:-]+$/.test(key)) return `[${JSON.stringify(key)}]`
      return depth === 0 ? key : `.${key}`
    })
    .join('')
