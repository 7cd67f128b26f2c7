import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.ts'
import { StageError } from '../../src/model/stage-error.ts'
import { loadToolModules } from '../../src/tool-modules.ts'
import { directoryWith, sentence } from './written.ts'

const modules = await loadToolModules()

async function load(directory: string, options: { readonly below?: string; readonly file?: string } = {}) {
  const { below = '', ...rest } = options
  return await loadConfig({ cwd: join(directory, below), home: '/home/ana', modules, ...rest })
}

/** What is said of the configuration in these files, with `DIR` for their directory. */
async function refusal(files: Readonly<Record<string, string>>, options: { readonly file?: string } = {}) {
  const directory = await directoryWith(files)
  try {
    await load(directory, options)
  } catch (error) {
    if (error instanceof StageError) return sentence(error).replaceAll(directory, 'DIR')
    throw error
  }
  return 'accepted'
}

const typescript = `
import { defineConfig, exec, minutes } from 'stage-deploy'
import { python } from 'stage-deploy/recipes/python'
import { hosts } from './lib/hosts.ts'

export default defineConfig({
  project: 'shop',
  hosts,
  stages: { production: { hosts: ['web1'] } },
  recipes: [python({ requires: '>=3.9' })],
  verify: [exec(['.env/bin/python', '-m', 'unittest'], { timeout: minutes(5) })],
})
`
const library = `
import { secret } from 'stage-deploy'
enum Port { ssh = 2222 }
export const token = secret('TOKEN')
export const hosts = { web1: \`deploy@web1.example.com:\${Port.ssh}\` } satisfies Record<string, string>
`
const yaml = `
project: shop
hosts:
  web1: deploy@web1.example.com:2222
stages:
  production: { hosts: [web1] }
recipes:
  - python: { requires: '>=3.9' }
verify:
  - exec: [.env/bin/python, -m, unittest]
    timeout: 5m
`
const json = JSON.stringify({
  project: 'shop',
  hosts: { web1: 'deploy@web1.example.com:2222' },
  stages: { production: { hosts: ['web1'] } },
  recipes: [{ python: { requires: '>=3.9' } }],
  verify: [{ exec: ['.env/bin/python', '-m', 'unittest'], timeout: '5m' }],
})

describe('a configuration', () => {
  test('in TypeScript imports the running tool, its recipes, and TypeScript of its own, with no node_modules', async () => {
    const config = await load(await directoryWith({ 'stage.config.ts': typescript, 'lib/hosts.ts': library }))
    expect(config.hosts.get('web1')).toMatchObject({
      address: 'web1.example.com',
      user: 'deploy',
      port: 2222,
    })
    expect(config.recipes.map(recipe => recipe.name)).toEqual(['python'])
  })

  test.each([
    ['stage.config.mts', typescript],
    ['stage.config.js', typescript],
    ['stage.config.mjs', typescript],
    ['stage.config.json', json],
    ['stage.config.yaml', yaml],
    ['stage.config.yml', yaml],
    ['package.json', `{ "name": "web", "stage": ${json} }`],
  ])('means the same in %s', async (name, text) => {
    const expected = await load(
      await directoryWith({ 'stage.config.ts': typescript, 'lib/hosts.ts': library }),
    )
    const config = await load(await directoryWith({ [name]: text, 'lib/hosts.ts': library }))
    const comparable = ({ file: _file, directory: _directory, recipes, ...rest }: typeof config) =>
      JSON.stringify([rest, [...rest.hosts], [...rest.stages], recipes])
    expect(comparable(config)).toBe(comparable(expected))
  })

  test('is the nearest one from the working directory upward, past a package.json without one', async () => {
    const directory = await directoryWith({
      'stage.config.yaml': yaml,
      'web/package.json': '{ "name": "web" }',
      'web/src/index.html': '',
    })
    expect(await load(directory, { below: 'web/src' })).toMatchObject({
      file: join(directory, 'stage.config.yaml'),
      directory,
    })
  })

  test('can be named, whatever stands nearer', async () => {
    const directory = await directoryWith({ 'stage.config.ts': 'throw 1', 'deploy/shop.yaml': yaml })
    expect((await load(directory, { file: 'deploy/shop.yaml' })).directory).toBe(join(directory, 'deploy'))
  })

  test('without `recipes` uses the python recipe', async () => {
    const config = await load(
      await directoryWith({ 'stage.config.yaml': yaml.replace(/recipes:\n.*\n/, '') }),
    )
    expect(config.recipes.map(recipe => recipe.name)).toEqual(['python'])
  })
})

describe('what is said', () => {
  test('of a directory without a configuration', async () => {
    expect(await refusal({ 'setup.py': '' })).toMatchInlineSnapshot(
      `"config: no configuration in DIR or in a directory above it -> \`deploy init\` writes one here, with comments; looked for stage.config.ts, stage.config.mts, stage.config.js, stage.config.mjs, stage.config.json, stage.config.yaml, stage.config.yml, package.json with a key "stage""`,
    )
  })

  test('of a named file that is not there, is no configuration, or has none in it', async () => {
    expect(await refusal({}, { file: 'shop.yaml' })).toMatchInlineSnapshot(
      `"config: DIR/shop.yaml cannot be read: ENOENT: no such file or directory, open 'DIR/shop.yaml'"`,
    )
    expect(await refusal({ 'shop.toml': '' }, { file: 'shop.toml' })).toMatchInlineSnapshot(
      `"config: DIR/shop.toml is no configuration by its name -> it ends in one of .ts .mts .js .mjs .json .yaml .yml"`,
    )
    expect(await refusal({ 'package.json': '{}' }, { file: 'package.json' })).toMatchInlineSnapshot(
      `"config: DIR/package.json has no key "stage""`,
    )
  })

  test('of an empty file, which is not passed by', async () => {
    expect(await refusal({ 'stage.config.ts': '\n' })).toMatchInlineSnapshot(
      `"config: DIR/stage.config.ts is empty -> see stage.config.example.ts"`,
    )
  })

  test('of a syntax error: file, line, column and the line itself', async () => {
    expect(
      await refusal({ 'stage.config.ts': 'export default {\n  project: "shop",\n  hosts: { a b },\n}\n' }),
    ).toMatchInlineSnapshot(`"config: DIR/stage.config.ts:3:14: Unexpected token, expected ",""`)
  })

  test('of a syntax error in a file that is imported: that file', async () => {
    const files = {
      'stage.config.ts': "import { a } from './a.ts'\nexport default a\n",
      'a.ts': 'export const a = = 1\n',
    }
    expect(await refusal(files)).toMatchInlineSnapshot(`"config: DIR/a.ts:1:18: Unexpected token"`)
  })

  test('of a throw: where in the configuration', async () => {
    const text =
      "const port = (): number => {\n  throw new Error('PORT is not set')\n}\n\nexport default { port: port() }\n"
    expect(await refusal({ 'stage.config.ts': text })).toMatchInlineSnapshot(
      `"config: DIR/stage.config.ts:2:9: PORT is not set"`,
    )
  })

  test('of a throw above the last import, though all imports run first: its own line', async () => {
    const text =
      "const name: string = nme\n\n\nimport { exec } from 'stage-deploy'\nexport default { name, exec }\n"
    expect(await refusal({ 'stage.config.ts': text })).toMatchInlineSnapshot(
      `"config: DIR/stage.config.ts:1:22: a name stands here that is not defined -> a text stands in quotes"`,
    )
  })

  test('of a call in a line that is compiled to another: its own column', async () => {
    const text =
      "import { exec } from 'stage-deploy'\n\nexport default JSON.parse('{ \"a\": }') as typeof exec\n"
    expect(await refusal({ 'stage.config.ts': text })).toMatchInlineSnapshot(
      `"config: DIR/stage.config.ts:3:21: Unexpected token '}', "…" is not valid JSON"`,
    )
  })

  test('of an import that its module does not export: the name as it is written', async () => {
    const text = "import { defineConfg } from 'stage-deploy'\n\nexport default defineConfg({})\n"
    expect(await refusal({ 'stage.config.ts': text })).toMatchInlineSnapshot(
      `"config: DIR/stage.config.ts:3:27: defineConfg is not a function"`,
    )
  })

  test('of a throw in a file that is imported: that file', async () => {
    const files = {
      'stage.config.ts': "import { hosts } from './hosts.ts'\nexport default { hosts: hosts() }\n",
      'hosts.ts':
        "interface Hosts {\n  web1: string\n}\nexport const hosts = (): Hosts => {\n  throw new Error('no hosts')\n}\n",
    }
    expect(await refusal(files)).toMatchInlineSnapshot(`"config: DIR/hosts.ts:5:9: no hosts"`)
  })

  test('of what only the engine finds: the file, without a line that would be a guess', async () => {
    expect(
      await refusal({ 'stage.config.ts': 'const words = 1\n\nexport default /(/\n' }),
    ).toMatchInlineSnapshot(
      `"config: DIR/stage.config.ts: Invalid regular expression: /(/: Unterminated group"`,
    )
  })

  test('of a step that is refused: the line that wrote it, not one of the tool', async () => {
    const text = "import { exec, secret } from 'stage-deploy'\n\nexport default { verify: [exec([])] }\n"
    expect(await refusal({ 'stage.config.ts': text })).toMatchInlineSnapshot(
      `"config: DIR/stage.config.ts:3:31: exec: argv: there is no program to run -> write it as a list: ['.env/bin/python', '-m', 'shop']"`,
    )
  })

  test('of a file that the configuration wants and does not find: the configuration is not passed by', async () => {
    const text =
      "import { readFileSync } from 'node:fs'\nexport default { project: readFileSync('/nonexistent') }\n"
    expect(await refusal({ 'stage.config.ts': text })).toMatchInlineSnapshot(
      `"config: DIR/stage.config.ts:2:39: ENOENT: no such file or directory, open '/nonexistent'"`,
    )
  })

  test('of an import that does not exist: its line', async () => {
    const text = "import { hosts } from './hosts.ts'\n\nexport default { hosts }\n"
    expect(await refusal({ 'stage.config.ts': text })).toMatchInlineSnapshot(
      `"config: DIR/stage.config.ts:1: Cannot find module './hosts.ts'"`,
    )
  })

  test('of a recipe that does not exist', async () => {
    const text =
      "import { pyton } from 'stage-deploy/recipes/pyton'\n\nexport default { recipes: [pyton()] }\n"
    expect(await refusal({ 'stage.config.ts': text })).toMatchInlineSnapshot(
      `"config: DIR/stage.config.ts:1: Cannot find module 'stage-deploy/recipes/pyton'"`,
    )
  })

  test('of a configuration that exports nothing', async () => {
    expect(await refusal({ 'stage.config.ts': 'export const config = {}\n' })).toMatchInlineSnapshot(
      `"config: DIR/stage.config.ts has no default export -> end it with: export default defineConfig({ … })"`,
    )
  })

  test('of a text that is thrown', async () => {
    expect(await refusal({ 'stage.config.js': "throw 'no'\n" })).toMatchInlineSnapshot(
      `"config: DIR/stage.config.js: it threw a text, which is no Error -> throw new Error('…') to say why"`,
    )
  })

  test('of broken YAML', async () => {
    expect(
      await refusal({ 'stage.config.yaml': 'project: shop\nhosts:\n\tweb1: web1\n' }),
    ).toMatchInlineSnapshot(
      `"config: DIR/stage.config.yaml:3:1: tab characters must not be used in indentation"`,
    )
  })

  test('of broken JSON, also where the parser names no position', async () => {
    expect(await refusal({ 'stage.config.json': '{\n  "project": "shop",\n}\n' })).toMatchInlineSnapshot(
      `"config: DIR/stage.config.json:3:1: Expected double-quoted property name"`,
    )
    expect(
      await refusal({ 'stage.config.json': '{\n  "project": "shop",\n  "hosts": web1\n}\n' }),
    ).toMatchInlineSnapshot(`"config: DIR/stage.config.json:3:12: Unexpected token"`)
    expect(await refusal({ 'stage.config.json': '{\n  "project": "shop"' })).toMatchInlineSnapshot(
      `"config: DIR/stage.config.json:2:20: Expected ',' or '}' after property value"`,
    )
  })

  test('of a key that the search itself would act on: it is unknown like any other', async () => {
    expect(await refusal({ 'stage.config.yaml': `$import: other.yaml\n${yaml}` })).toMatchInlineSnapshot(`
      "config: DIR/stage.config.yaml has a problem
        ["$import"]: unknown key '$import' -> allowed: project, root, artifact, versions, version, hosts, ssh, stages, recipes, verify, hooks, shared, env, parallel, heartbeat, fileTimeout"
    `)
  })
})
