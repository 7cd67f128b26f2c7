import { expect, test } from 'vitest'
import { checkNodeVersion } from '../../src/cli/node-version.ts'

test('a Node.js that the package does not support is refused before anything is done, with both versions', () => {
  expect(() => checkNodeVersion('20.19.0', '>=20.19')).not.toThrow()
  expect(() => checkNodeVersion('22.1.0', '>=20.19')).not.toThrow()
  expect(() => checkNodeVersion('20.9.0', '>=20.19')).toThrow(
    'stage-deploy needs Node.js >=20.19, this is 20.9.0',
  )
})
