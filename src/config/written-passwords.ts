import { readPlainText } from '../artifact/plain-file.ts'
import { StageError } from '../model/stage-error.ts'
import { credentialsIn, withoutThese } from '../shell/credentials.ts'
import { CONFIGURATION_BYTES } from './limits.ts'

/**
 * An error about a configuration, without what its files have in the place of a password: code that throws, its own or that of
 * a library, may put such a value into its message, where nothing tells that it is one.
 *
 * @param files all that were read: the configuration, and what it imports
 */
export async function withoutWrittenPasswords(
  error: StageError,
  files: Iterable<string>,
): Promise<StageError> {
  const texts = await Promise.all(
    [...files].map(file => readPlainText(file, CONFIGURATION_BYTES).catch(() => '')),
  )
  const values = texts.flatMap(credentialsIn)
  if (values.length === 0) return error
  const without = (text: string) => withoutThese(text, values)
  const orNothing = (text: string | undefined) => (text === undefined ? undefined : without(text))
  return new StageError(error.code, without(error.message), {
    cause: error.cause,
    ...(error.hint === undefined ? {} : { hint: without(error.hint) }),
    problems: error.problems.map(problem => ({
      ...problem,
      where: without(problem.where),
      message: without(problem.message),
      hint: orNothing(problem.hint),
    })),
  })
}
