import { expect, test } from 'vitest'
import { cacheDirectory } from '../../src/cli/product-cache.ts'

test.each([
  ['where XDG_CACHE_HOME says', { XDG_CACHE_HOME: '/c', HOME: '/home/ana' }, '/c/stage-deploy/products'],
  ['in the home without', { HOME: '/home/ana' }, '/home/ana/.cache/stage-deploy/products'],
  [
    'in the home where it is relative',
    { XDG_CACHE_HOME: 'c', HOME: '/h' },
    '/h/.cache/stage-deploy/products',
  ],
  ['nowhere without a home', { XDG_CACHE_HOME: '' }, undefined],
])('what was built is kept %s', (_where, env, directory) => {
  expect(cacheDirectory(env)).toBe(directory)
})
