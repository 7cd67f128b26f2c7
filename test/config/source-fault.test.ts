import { describe, expect, test } from 'vitest'
import { faultOfModule } from '../../src/config/module-fault.ts'
import { formatFault } from '../../src/config/source-fault.ts'

const file = '/shop/stage.config.ts'
const fault = { file, line: 2, column: 3, message: 'unexpected' }

describe('a fault in a source file', () => {
  test('is shown with its line and a mark below the column', () => {
    expect(formatFault(fault, 'one\n\ttwo\nthree')).toBe(
      ['/shop/stage.config.ts:2:3: unexpected', '', '  2 | \ttwo', '    | \t ^'].join('\n'),
    )
  })

  test('without a known place is shown with its file', () => {
    expect(formatFault({ ...fault, line: undefined, column: undefined }, 'one')).toBe(
      '/shop/stage.config.ts: unexpected',
    )
  })

  test('in a file that cannot be read is shown with its file', () => {
    expect(formatFault(fault, undefined)).toBe('/shop/stage.config.ts: unexpected')
  })

  test('in a column that the line does not have is shown with its line alone', () => {
    expect(formatFault({ ...fault, column: 200 }, 'one\ntwo')).toBe(
      ['/shop/stage.config.ts:2: unexpected', '', '  2 | two'].join('\n'),
    )
  })
})

describe('the place of an error', () => {
  test('is the first frame of the user, as a path or as a URL', () => {
    const error = new Error('no')
    error.stack = [
      'Error: no',
      '    at exec (/tool/src/recipe/exec.ts:1:1)',
      '    at async file:///shop/lib/a%20b.ts:7:9',
      '    at /shop/stage.config.ts:3:1',
    ].join('\n')
    expect(
      faultOfModule(error, file, { isTheirs: path => path.startsWith('/shop/'), compiled: new Map() }),
    ).toEqual({
      file: '/shop/lib/a b.ts',
      line: 7,
      column: 9,
      message: 'no',
    })
  })
})

test('a password in the line, or in the message, is not shown', () => {
  const source = "python({ index: 'https://ana:hunter2@pypi.example.com/simple' })"
  const fault = { file: 'stage.config.ts', line: 1, column: 9, message: 'Invalid URL: https://ana:hunter2@x' }
  expect(formatFault(fault, source)).toBe(
    "stage.config.ts:1: Invalid URL: https://[hidden]@x\n\n  1 | python({ index: 'https://[hidden]@pypi.example.com/simple' })",
  )
})
