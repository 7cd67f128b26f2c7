import { expect, test } from 'vitest'
import { errorLines } from '../../src/cli/error-lines.ts'
import { StageError } from '../../src/model/stage-error.ts'
import { aTerminal } from './support/a-terminal.ts'

const shown = (error: unknown, argv: readonly string[] = []) =>
  `\n${errorLines(aTerminal({ argv }, false).around, error).join('\n')}\n`

test('an expected end says what happened and what to do', () => {
  const error = new StageError('usage', "there is no stage 'prod'", { hint: 'the stages are: production' })
  expect(shown(error)).toMatchInlineSnapshot(`
    "
    error: there is no stage 'prod'
      → the stages are: production
    "
  `)
})

test('every problem is told with its place and its hint, and a hint of several lines keeps them', () => {
  const error = new StageError('config', 'stage.config.ts has 2 problems', {
    hint: 'mend these\nand try again',
    problems: [
      {
        code: 'unknown-key',
        where: 'rot',
        message: "unknown key 'rot'",
        hint: "did you mean 'root'?",
        severity: 'error',
      },
      {
        code: 'missing',
        where: 'hosts',
        message: 'expected hosts, found nothing',
        hint: undefined,
        severity: 'error',
      },
    ],
  })
  expect(shown(error)).toMatchInlineSnapshot(`
    "
    error: stage.config.ts has 2 problems
    rot
      ✖ unknown key 'rot'
        → did you mean 'root'?
    hosts
      ✖ expected hosts, found nothing
      → mend these
      → and try again
    "
  `)
})

test('a bug is shown whole, with a request to report it', () => {
  const error = new TypeError('x is not a function')
  error.stack = 'TypeError: x is not a function\n    at somewhere'
  expect(shown(error)).toMatchInlineSnapshot(`
    "
    bug: TypeError: x is not a function
        at somewhere
    This should not have happened; please report it with the text above.
    "
  `)
})

test('what is thrown and is no error is shown as it is', () => {
  expect(shown('a text')).toMatchInlineSnapshot(`
    "
    bug: a text
    This should not have happened; please report it with the text above.
    "
  `)
})

test('--no-color is heard before anything was parsed', () => {
  const error = new StageError('usage', 'something is wrong')
  const lines = (argv: readonly string[]) => errorLines(aTerminal({ argv }).around, error)
  expect(lines([])).toEqual(['\x1b[31merror:\x1b[39m something is wrong'])
  expect(lines(['status', '--no-color'])).toEqual(['error: something is wrong'])
})
