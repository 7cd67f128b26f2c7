import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { usualBuild } from '../../../src/cli/init/build-command.ts'
import { newConfig } from '../../../src/cli/init/new-config.ts'
import { initRecipes } from '../../../src/cli/init/recipes.ts'
import { loadConfig } from '../../../src/config/load-config.ts'
import { resolveTarget } from '../../../src/config/resolve-target.ts'
import { loadToolModules } from '../../../src/tool-modules.ts'
import { runProgram } from '../../support/run-program.ts'
import { makeScratchDirectory } from '../../support/scratch-directory.ts'
import { runDeploy } from '../support/run-deploy.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const scratch = await makeScratchDirectory()
afterAll(async () => scratch[Symbol.asyncDispose]())

function directory(name: string, files: Readonly<Record<string, string>> = {}): string {
  const path = join(scratch.path, name)
  mkdirSync(path)
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text)
  return path
}

describe('deploy init', () => {
  test('writes a configuration that loads, for the project that is there', async () => {
    const cwd = directory('one', { 'pyproject.toml': '[project]\nname = "My.Shop"\n' })
    const { code, stdout } = await runDeploy(['init'], { cwd })
    expect([code, stdout.split('\n')[0]]).toEqual([0, 'Wrote stage.config.ts for My.Shop (pyproject.toml).'])
    const config = await loadConfig({ cwd, home: '/', modules: await loadToolModules() })
    const { project, hosts, recipes } = resolveTarget(config, 'production')
    expect([project, hosts.length, recipes.map(({ name }) => name)]).toEqual(['My.Shop', 2, ['python']])
  })

  test('takes the name of the directory where no file says another, and says so', async () => {
    const { stdout } = await runDeploy(['init'], { cwd: directory('the shop!') })
    expect(stdout).toMatch(/^Wrote stage\.config\.ts for the-shop \(the name of this directory: /)
  })

  test.each(['stage.config.ts', 'stage.config.yaml'])('never touches %s that is there', async file => {
    const cwd = directory(file, { [file]: 'mine' })
    expect(await runDeploy(['init'], { cwd })).toMatchObject({
      ...{ code: 2, stdout: '', stderr: expect.stringMatching(`^error: ${file} is here already\n`) },
    })
    expect(readFileSync(join(cwd, file), 'utf8')).toBe('mine')
  })

  test('of Django reads the settings module from manage.py, and asks for a page', async () => {
    const manage =
      'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")\n'
    const cwd = directory('django', { 'manage.py': manage, 'uv.lock': 'version = 1\n' })
    expect(await runDeploy(['init', '--recipe', 'django'], { cwd })).toMatchObject({ code: 0 })
    const written = readFileSync(join(cwd, 'stage.config.ts'), 'utf8')
    expect(written).toContain("django({ settings: 'config.settings.production' })")
    expect(written).toContain("app: 'config.wsgi'")
    expect(written).toContain("build: ['uv', 'build', '--sdist']")
    const config = await loadConfig({ cwd, home: '/', modules: await loadToolModules() })
    const { recipes } = resolveTarget(config, 'production')
    expect(recipes.map(({ name }) => name)).toEqual(['python', 'django', 'service-django', 'http'])
  })

  test('offers no recipe that there is not', async () => {
    const { code, stderr } = await runDeploy(['init', '--recipe', 'pyhton'], { cwd: directory('none') })
    expect([code, stderr]).toEqual([2, expect.stringMatching(/no recipe 'pyhton'[\s\S]*python/)])
  })
})

test.each(initRecipes.map(recipe => [recipe.name, recipe] as const))(
  'what a configuration begins with for %s loads and is well typed',
  async (name, recipe) => {
    const cwd = directory(`recipe-${name}`, {
      'stage.config.ts': newConfig({ name: 'My.Shop', build: usualBuild }, recipe),
    })
    const config = await loadConfig({ cwd, home: '/', modules: await loadToolModules() })
    expect(resolveTarget(config, 'staging').hosts.map(host => host.name)).toEqual(['web1'])
    writeFileSync(join(cwd, 'package.json'), '{ "type": "module" }')
    symlinkSync(join(root, 'node_modules'), join(cwd, 'node_modules'))
    const paths = {
      'stage-deploy': [join(root, 'src/index.ts')],
      'stage-deploy/recipes/*': [join(root, 'recipes/*.ts')],
    }
    const options = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { noEmit: true, rootDir: '/', paths },
      include: ['stage.config.ts'],
    }
    writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify(options))
    const { code, stdout } = await runProgram([
      process.execPath,
      join(root, 'node_modules/typescript/bin/tsc'),
      '-p',
      cwd,
    ])
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  },
  60_000,
)
