import type { Problem } from '../model/problem.ts'
import { StageError } from '../model/stage-error.ts'
import { createPaint } from '../report/paint.ts'
import { problemLines } from '../report/problems.ts'
import { withoutCredentials } from '../shell/credentials.ts'
import { printable } from '../shell/printable.ts'
import { type Surroundings, wantsColour } from './surroundings.ts'

/** An error as people read it: what happened and where, every problem, what to do. A bug is shown with its stack. */
export function errorLines(around: Surroundings, error: unknown): readonly string[] {
  const paint = createPaint({
    colour: wantsColour(around.stderr, around.env, !around.argv.includes('--no-color')),
  })
  if (!(error instanceof StageError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return [
      ...under(`${paint('red', 'bug:')} `, withoutCredentials(text)),
      'This should not have happened; please report it with the text above.',
    ]
  }
  return [
    ...under(`${paint('red', 'error:')} `, withoutCredentials(error.message)),
    ...problemLines(error.problems.map(withoutCredentialsIn), paint),
    ...(error.hint === undefined
      ? []
      : withoutCredentials(error.hint)
          .split('\n')
          .map(line => `  ${paint('dim', '→')} ${printable(line)}`)),
  ]
}

/** What was written in a configuration, or as an argument, is repeated here. */
const withoutCredentialsIn = (problem: Problem): Problem => ({
  ...problem,
  where: withoutCredentials(problem.where),
  message: withoutCredentials(problem.message),
  hint: problem.hint === undefined ? undefined : withoutCredentials(problem.hint),
})

/** A text of one or more lines, with something before the first of them. */
function under(prefix: string, text: string): readonly string[] {
  const [first = '', ...more] = text.split('\n').map(printable)
  return [`${prefix}${first}`, ...more]
}
