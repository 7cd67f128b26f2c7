import { describe, expect, test } from 'vitest'
import { parseTemplate } from '../../src/recipe/template.ts'

describe('a template', () => {
  test('is text, with the names of variables in two braces', () => {
    expect(parseTemplate('a {{ ONE }}{{TWO}}\n')).toEqual({
      parts: ['a ', { variable: 'ONE' }, { variable: 'TWO' }, '\n'],
      faults: [],
    })
  })

  test('leaves a single brace, a dollar and a per cent sign alone', () => {
    const text = '{ "a": {} } }} $HOME %i $(id)'
    expect(parseTemplate(text)).toEqual({ parts: [text], faults: [] })
  })

  test('writes two braces that mean nothing with a backslash before them', () => {
    expect(parseTemplate('a \\{{ ONE }}').parts.join('')).toBe('a {{ ONE }}')
  })

  test.each(['{{ one two }}', '{{', '{{ 1 }}', '{{ a | b }}', '{{ ONE }'])(
    'says where %j is no placeholder',
    text => {
      expect(parseTemplate(`first\n${text}`).faults).toEqual([`line 2, column 1: '{{' begins no placeholder`])
    },
  )
})
