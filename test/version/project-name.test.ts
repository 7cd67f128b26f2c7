import { expect, test } from 'vitest'
import { isProjectName, normaliseName, sameProject } from '../../src/version/project-name.ts'

test.each(['shop', 'My.Shop', 'my_shop', 'zope.interface', 'A', '2to3'])('%j may name a project', name => {
  expect(isProjectName(name)).toBe(true)
})

test.each(['', '-shop', 'shop-', '.', '..', 'my shop', 'my/shop', 'shop\n', 'sh\u00f6p', 'shop\0'])(
  '%j may not name a project',
  name => {
    expect(isProjectName(name)).toBe(false)
  },
)

test('names are compared without case, and every run of dots, dashes and underscores is one dash', () => {
  expect(normaliseName('My.__-Shop')).toBe('my-shop')
  expect(sameProject('My.Shop', 'my_shop')).toBe(true)
  expect(sameProject('myshop', 'my_shop')).toBe(false)
})
