import { expect, test } from 'vitest'
import { parsePkgInfo } from '../../src/artifact/pkg-info.ts'

const headersOf = (text: string) => Object.fromEntries(parsePkgInfo(text))

test('headers are read until the empty line, their names without case', () => {
  const text = 'Metadata-Version: 2.1\nNAME: shop\n\nName: not a header\n'
  expect(headersOf(text)).toEqual({ 'metadata-version': ['2.1'], name: ['shop'] })
})

test('a header that comes several times has several values', () => {
  expect(headersOf('Classifier: a\nClassifier: b\n')).toEqual({ classifier: ['a', 'b'] })
})

test('a line that begins with white space continues the value, as a line of its own', () => {
  expect(headersOf('Requires-Python: >=3.8,\n  <4\nName: shop\n')).toEqual({
    'requires-python': ['>=3.8,\n<4'],
    name: ['shop'],
  })
})

test('the first line that is no header ends them, as in the email parser of Python', () => {
  expect(headersOf('Name: shop\nno header\nVersion: 1.0\n')).toEqual({ name: ['shop'] })
})

test('an envelope line, a line without a name and a blank line that continues end nothing, as in Python', () => {
  expect(headersOf('From ana\nName: shop\n: x\n y\nVersion: 1.0\n \nSummary: z\n')).toEqual({
    name: ['shop'],
    version: ['1.0'],
    summary: ['z'],
  })
})

test('line ends of Windows and a byte order mark do not matter', () => {
  expect(headersOf('\ufeffName: shop\r\nVersion: 1.0\r\n\r\n')).toEqual({ name: ['shop'], version: ['1.0'] })
})

test('text in any script is a value', () => {
  expect(headersOf('Summary: \u65e5\u672c\u8a9e: gr\u00fc\u00dfe\n')).toEqual({
    summary: ['\u65e5\u672c\u8a9e: gr\u00fc\u00dfe'],
  })
})

test('a line separator of Unicode ends no line', () => {
  expect(headersOf('Summary: one\u2028two\n')).toEqual({ summary: ['one\u2028two'] })
})

test('a value may be empty', () => {
  expect(headersOf('Name:\nVersion: 1.0\n')).toEqual({ name: [''], version: ['1.0'] })
})
