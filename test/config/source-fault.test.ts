import { describe, expect, test } from 'vitest'
import { faultOfModule, type LoadedCode } from '../../src/config/module-fault.ts'
import { withoutSourceWords, withoutTexts } from '../../src/config/said-of-source.ts'
import { formatFault } from '../../src/config/source-fault.ts'

const file = '/shop/stage.config.ts'
const loaded: LoadedCode = {
  isTheirs: path => path.startsWith('/shop/'),
  compiled: new Map(),
  names: ['exec', 'python'],
}

test('a fault in a source file is shown with as much of its place as is known', () => {
  const fault = { file, line: 2, column: 3, message: 'unexpected' }
  expect(formatFault(fault)).toBe('/shop/stage.config.ts:2:3: unexpected')
  expect(formatFault({ ...fault, column: undefined })).toBe('/shop/stage.config.ts:2: unexpected')
  expect(formatFault({ ...fault, line: undefined })).toBe('/shop/stage.config.ts: unexpected')
})

test('the place of an error is the first frame of the user, as a path or as a URL', () => {
  const error = new Error('no')
  error.stack = [
    'Error: no',
    '    at exec (/tool/src/recipe/exec.ts:1:1)',
    '    at async file:///shop/lib/a%20b.ts:7:9',
    '    at /shop/stage.config.ts:3:1',
  ].join('\n')
  const fault = faultOfModule(error, file, loaded)
  expect(fault).toEqual({ file: '/shop/lib/a b.ts', line: 7, column: 9, message: 'no' })
})

describe('what is said of an error', () => {
  const said = (error: unknown) => {
    const { message, hint } = faultOfModule(error, file, loaded)
    return [message, hint]
  }

  test('thrown on purpose is its message', () => {
    expect(said(new Error('set "SHOP" first'))).toEqual(['set "SHOP" first', undefined])
  })

  test('that the engine throws is without the texts of the expression', () => {
    expect(said(new TypeError('"hunter2".go is not a function'))).toEqual([
      '"…".go is not a function',
      undefined,
    ])
  })

  test('about a name that is not defined is which one was meant, never that name', () => {
    expect(said(new ReferenceError('exce is not defined'))).toEqual([
      'a name stands here that is not defined',
      "did you mean 'exec'? it has to be imported",
    ])
    expect(said(new ReferenceError('hunter2 is not defined'))[1]).toBe('a text stands in quotes')
  })

  test.each(['hunter2', { password: 'hunter2' }, ['hunter2'], undefined, 4711])(
    'that is none is its kind: %j',
    thrown => {
      const text = said(thrown).join(' ')
      expect(text).toMatch(/^it threw .+, which is no Error throw new Error/)
      expect(text).not.toMatch(/hunter2|4711/)
    },
  )
})

test.each([
  ["Identifier 'hunter2' has already been declared.", 'Identifier … has already been declared.'],
  ['Unexpected token, expected ","', 'Unexpected token, expected ","'],
  ["Unexpected reserved word 'await'.", "Unexpected reserved word 'await'."],
  ["Unexpected character '@'.", "Unexpected character '@'."],
])('a compiler says %s', (message, shown) => expect(withoutSourceWords(message)).toBe(shown))

test('the end of a text that is cut counts as a part of it', () => {
  expect(withoutTexts('Unexpected token, "hunter2')).toBe('Unexpected token, "…"')
  expect(withoutTexts('Unexpected token }, "{"a":"hunter2" }" is not JSON')).toBe(
    'Unexpected token }, "…" is not JSON',
  )
})
