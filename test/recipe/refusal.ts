import { StageError } from '../../src/model/stage-error.ts'

/** What a constructor refuses, one line for each problem: where, what, and the hint after an arrow. */
export function refusal(construct: () => unknown): string {
  try {
    construct()
  } catch (error) {
    if (error instanceof StageError && error.code === 'config') return lines(error)
    throw error
  }
  return 'accepted'
}

function lines(error: StageError): string {
  if (error.problems.length === 0) return line('', error.message, error.hint)
  return error.problems.map(problem => line(problem.where, problem.message, problem.hint)).join('\n')
}

function line(where: string, message: string, hint: string | undefined): string {
  return `${where === '' ? '' : `${where}: `}${message}${hint === undefined ? '' : ` -> ${hint}`}`
}
