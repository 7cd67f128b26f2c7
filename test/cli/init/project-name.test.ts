import { expect, test } from 'vitest'
import { findProjectName } from '../../../src/cli/init/project-name.ts'

const nameIn = async (files: Readonly<Record<string, string>>) => findProjectName(async file => files[file])

test.each([
  [
    'pyproject.toml',
    '[build-system]\nrequires = []\n[project] # ours\nname = "shop" # short\nversion = "1"\n',
    'shop',
  ],
  ['pyproject.toml', "[project]\r\nname='My.Shop'\r\n", 'My.Shop'],
  ['pyproject.toml', '[tool.poetry]\nname = "shop"\n', 'shop'],
  ['setup.cfg', '[metadata]\nname = shop_front\n', 'shop_front'],
  ['setup.cfg', '[metadata]\nname: shop\n', 'shop'],
  [
    'setup.py',
    "from setuptools import setup\n# setup(name='old')\nsetup(\n    version='1',\n    name = 'shop',\n)\n",
    'shop',
  ],
])('the name is read from %s: %j', async (file, text, name) => {
  expect(await nameIn({ [file]: text })).toEqual({ name, file })
})

test.each([
  ['pyproject.toml', '[tool.other]\nname = "shop"\n'],
  ['pyproject.toml', '[project]\ndynamic = ["name"]\n'],
  ['pyproject.toml', '[project]\nname = "o\'clock"\n'],
  ['setup.cfg', '[options]\nname = shop\n'],
  ['setup.cfg', '[metadata]\nname = attr: shop.NAME\n'],
  ['setup.py', 'setup(name=NAME)\n'],
  ['setup.py', "setup(name='shop' + suffix)\n"],
])('a name that is computed, of something else, or none is not taken from %s: %j', async (file, text) => {
  expect(await nameIn({ [file]: text })).toBeUndefined()
})

test('what pyproject.toml says counts before what setup.cfg says', async () => {
  const files = { 'setup.cfg': '[metadata]\nname = old\n', 'pyproject.toml': '[project]\nname = "shop"\n' }
  expect(await nameIn(files)).toEqual({ name: 'shop', file: 'pyproject.toml' })
})
