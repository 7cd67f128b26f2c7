import { expect, test } from 'vitest'
import { normaliseVersion } from '../../src/version/pep440.ts'

// What `str(packaging.version.Version(text))` gives, packaging 24.0 and 26.2.
test.each([
  ['1.2.3', '1.2.3'],
  ['1.2.3.a1', '1.2.3a1'],
  ['1.2.3-a2', '1.2.3a2'],
  ['1.2.3-rc1', '1.2.3rc1'],
  ['1.2.3-1', '1.2.3.post1'],
  ['1.2.3-post2', '1.2.3.post2'],
  ['1.2.3-rev3', '1.2.3.post3'],
  ['1.0', '1.0'],
  ['1.0.0', '1.0.0'],
  ['v1.0', '1.0'],
  ['V1.0-RC.1', '1.0rc1'],
  ['1.0-r4', '1.0.post4'],
  ['1.0.alpha1', '1.0a1'],
  ['1.0-alpha', '1.0a0'],
  ['1.0c3', '1.0rc3'],
  ['1.0.c1', '1.0rc1'],
  ['1.0PREVIEW2', '1.0rc2'],
  ['01.002', '1.2'],
  ['1.0.POST', '1.0.post0'],
  ['1.0+Ubuntu_1', '1.0+ubuntu.1'],
  ['1!2.0', '1!2.0'],
  ['1.0-dev', '1.0.dev0'],
  ['1.0.dev', '1.0.dev0'],
  ['1.0rc', '1.0rc0'],
  ['1.0b-2', '1.0b2'],
  ['1.0.0-rc.1', '1.0.0rc1'],
  ['1.2.3-rc.1+build.5', '1.2.3rc1+build.5'],
  ['2024.01.15', '2024.1.15'],
  ['0.7.10.dev0', '0.7.10.dev0'],
  ['1.0rc1.post2.dev3', '1.0rc1.post2.dev3'],
  ['1.2.3b2+g1234abc', '1.2.3b2+g1234abc'],
  ['0!1.0', '1.0'],
  ['  1.0 ', '1.0'],
  ['1.0\n', '1.0'],
])('%j is normalised to %s', (text, normal) => {
  expect(normaliseVersion(text)).toBe(normal)
})

test.each([
  '1.0_1',
  '1..0',
  '1.0-1.2',
  '1.0 .dev1',
  '',
  '1.0--1',
  '1.0+',
  'release-1.0',
  'french toast',
  '1.0\n1',
  '\ufeff1.0',
  '1.0po\u017ft1',
  '1.*',
])('%j is not a version', text => {
  expect(normaliseVersion(text)).toBeUndefined()
})

test('a local label that looks like a number to JavaScript stays as it is written', () => {
  expect(normaliseVersion('1.0+1e5')).toBe('1.0+1e5')
  expect(normaliseVersion('1.0+0x10')).toBe('1.0+0x10')
})

test('a number above 2^53 keeps all its digits', () => {
  expect(normaliseVersion('1.0.dev20240115123456789')).toBe('1.0.dev20240115123456789')
})
