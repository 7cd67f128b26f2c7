import { StageError } from 'stage-deploy'

/** What is wrong with one option of a recipe. An empty key: with all of them. */
export interface OptionFault {
  readonly key: string
  readonly message: string
}

/**
 * What a recipe throws for options it cannot take: a `config` error whose problems lead to each key, spelled as every path in
 * a configuration spells one (`["a b"]` where it is no plain word).
 */
export function refusedOptions(recipe: string, faults: readonly OptionFault[]): StageError {
  const text = faults.map(({ key, message }) => `${key}: ${message}`).join('; ')
  const problems = faults.map(({ key, message }) => ({
    code: 'option',
    where: key === '' || /^[\w:-]+$/.test(key) ? key : `[${JSON.stringify(key)}]`,
    message,
    hint: undefined,
    severity: 'error' as const,
  }))
  return new StageError('config', `${recipe}: ${text}`, { problems })
}
