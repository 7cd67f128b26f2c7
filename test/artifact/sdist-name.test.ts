import { expect, test } from 'vitest'
import { sdistNames } from '../../src/artifact/sdist-name.ts'
import { pythonRules } from '../../src/version/python-rules.ts'

const readings = (fileName: string) =>
  sdistNames(fileName, pythonRules).map(({ name, version }) => `${name} ${version}`)

test.each([
  ['projectA-0.4.tar.gz', ['projectA 0.4']],
  ['my_shop-1.0rc.1.tar.gz', ['my_shop 1.0rc1']],
  ['my-shop-1.0.tar.gz', ['my-shop 1.0']],
  ['shop-1!2.0+abc.1.tar.gz', ['shop 1!2.0+abc.1']],
  ['My.Shop-1.0-1.tar.gz', ['My.Shop 1.0.post1', 'My.Shop-1.0 1']],
  ['a.tar.gz.b-1.tar.gz', ['a.tar.gz.b 1']],
])('%s reads as %j', (fileName, expected) => {
  expect(readings(fileName)).toEqual(expected)
})

test.each([
  'shop.tar.gz',
  'shop-latest.tar.gz',
  'shop-1.0.zip',
  'shop-1.0-py3-none-any.whl',
  '-1.0.tar.gz',
  'my shop-1.tar.gz',
])('%s is not named like an sdist', fileName => {
  expect(readings(fileName)).toEqual([])
})
