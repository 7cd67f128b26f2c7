import { expect, test } from 'vitest'
import { revisionHint } from '../../src/plan/revision-hint.ts'
import { aRevision } from '../support/builders.ts'

const known = ['1.0', '1.1', '2.1.0'].map(version => aRevision(version))

test.each([
  ['1.0', 'did you mean shop-1.0? the revisions are: shop-1.0, shop-1.1, shop-2.1.0'],
  ['shpo-1.1', 'did you mean shop-1.1? the revisions are: shop-1.0, shop-1.1, shop-2.1.0'],
  ['shop2.1.0', 'did you mean shop-2.1.0? the revisions are: shop-1.0, shop-1.1, shop-2.1.0'],
  ['shop-1.2', 'the revisions are: shop-1.0, shop-1.1, shop-2.1.0'],
  ['shop-11.0', 'the revisions are: shop-1.0, shop-1.1, shop-2.1.0'],
  ['0.5', 'the revisions are: shop-1.0, shop-1.1, shop-2.1.0'],
])('%s: %s', (written, hint) => {
  expect(revisionHint(written, known, 'the revisions are')).toBe(hint)
})

test('a version that revisions of two names have is no hint at one of them', () => {
  const both = [aRevision('1.0'), { ...aRevision('1.0'), name: 'Shop-1.0' }]
  expect(revisionHint('1.0', both, 'the revisions are')).toBe('the revisions are: Shop-1.0, shop-1.0')
})

test('where there are none, that is said', () => {
  expect(revisionHint('1.0', [], 'the rejected revisions are')).toBe('the rejected revisions are: none')
})
