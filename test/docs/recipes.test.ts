import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.ts'
import { resolveTarget } from '../../src/config/resolve-target.ts'
import type { Target } from '../../src/model/target.ts'
import { planRun } from '../../src/plan/plan-run.ts'
import { formatPlan } from '../../src/report/plan-table.ts'
import { loadToolModules } from '../../src/tool-modules.ts'
import { aRun, factsOf, seen, toDeploy, toRollBack } from '../support/builders.ts'
import { planOf } from '../support/plan-text.ts'
import { runProgram } from '../support/run-program.ts'
import { aStageHistory, deployed } from '../support/stage-histories.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const document = await readFile(join(repository, 'docs/recipes.md'), 'utf8')
const directory = await mkdtemp(join(tmpdir(), 'stage-recipes-'))
afterAll(() => rm(directory, { recursive: true, force: true }))

interface Block {
  readonly language: string
  /** Of the file that it is, as its first line says. */
  readonly path: string
  readonly text: string
}

const blocks: readonly Block[] = [...document.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(
  ([, language = '', text = '']) => ({ language, text, path: /^\/\/ (\S+)\n/.exec(text)?.[1] ?? '' }),
)
const recipes = blocks.filter(({ path }) => path === 'deploy/web.ts')
const only = (path: string): Block => {
  const [block] = blocks.filter(candidate => candidate.path === path)
  if (block === undefined) throw new Error(`the document has no block ${path}`)
  return block
}

/** Types the document along: this recipe with the configuration, its call changed as its options demand. */
async function typedAlong(recipe: Block | undefined, name: string, call: string): Promise<Target> {
  const project = join(directory, name)
  const configuration = only('stage.config.ts').text.replace('web()', call)
  await write(project, 'deploy/web.ts', recipe?.text ?? '')
  await write(project, 'deploy/web.test.ts', only('deploy/web.test.ts').text)
  await write(project, 'stage.config.ts', configuration)
  const modules = await loadToolModules()
  return resolveTarget(await loadConfig({ cwd: project, home: '/home/ana', modules }), 'production')
}

async function write(project: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(project, path)), { recursive: true })
  await writeFile(join(project, path), text)
}

const hosts = (free: number) =>
  seen(
    ...['web1', 'web2'].map(host =>
      factsOf(
        host,
        { production: aStageHistory([deployed('1.2.0'), deployed('1.3.0')]) },
        {
          programs: new Map([['systemctl', '/bin/systemctl']]),
          answers: new Map([['web', { free }]]),
          sudo: [['true'], ['systemctl', 'restart', 'web']].map(argv => ({ argv, refusal: undefined })),
        },
      ),
    ),
  )

describe('docs/recipes.md, typed along', () => {
  test('its first recipe makes the plan that it shows', async () => {
    const target = await typedAlong(recipes[0], 'first', 'web()')
    const plan = formatPlan(planOf(planRun(target, hosts(1000), toDeploy('1.4.0'), aRun)))
    const [shown] = blocks.filter(({ language }) => language === 'text')
    expect(plan).toContain(shown?.text.trimEnd())
  })

  test('its second one refuses hosts without space', async () => {
    const target = await typedAlong(recipes[1], 'second', 'web({ freeMebibytes: 512 })')
    expect(planRun(target, hosts(1000), toDeploy('1.4.0'), aRun).kind).toBe('plan')
    expect(planRun(target, hosts(100), toDeploy('1.4.0'), aRun)).toMatchObject({
      kind: 'refused',
      problems: [{ where: 'web1', message: '100 MiB are free, 512 are needed' }, { where: 'web2' }],
    })
    const free = target.recipes[0]?.facts['free']
    expect(free?.parse('Filesystem 1M-blocks Used Available\n/dev/sda1 9000 1000 8000 12% /var\n')).toBe(8000)
  })

  test('its third one migrates once, and not on the way back', async () => {
    const target = await typedAlong(recipes[2], 'third', 'web()')
    const there = formatPlan(planOf(planRun(target, hosts(1000), toDeploy('1.4.0'), aRun)))
    expect(there.match(/manage\.py migrate \(web, before:switch/g)).toHaveLength(1)
    const back = formatPlan(planOf(planRun(target, hosts(1000), toRollBack('1.2.0'), aRun)))
    expect(back).not.toMatch(/migrate/)
  })

  test('every block compiles', async () => {
    // Below the package, where `stage-deploy` is itself.
    const inside = await mkdtemp(join(repository, 'typed-along-'))
    try {
      for (const [index, { text }] of recipes.entries()) {
        const call = index === 1 ? 'web({ freeMebibytes: 512 })' : 'web()'
        await write(inside, `${index}/deploy/web.ts`, text)
        await write(inside, `${index}/stage.config.ts`, only('stage.config.ts').text.replace('web()', call))
      }
      await write(inside, '2/deploy/checks.ts', only('deploy/web.test.ts').text)
      const options = {
        extends: '../tsconfig.json',
        compilerOptions: { noEmit: true, rootDir: '..' },
      }
      await write(inside, 'tsconfig.json', JSON.stringify({ ...options, include: ['.'] }))
      const tsc = join(repository, 'node_modules/typescript/bin/tsc')
      const { stdout } = await runProgram([process.execPath, tsc, '-p', inside])
      expect(stdout).toBe('')
    } finally {
      await rm(inside, { recursive: true })
    }
  }, 60_000)

  test('the test that it shows passes', async () => {
    await typedAlong(recipes[2], 'tested', 'web()')
    const { importConfig } = await import('../../src/config/import-config.ts')
    const file = join(directory, 'tested/deploy/web.test.ts')
    await writeFile(file, `${only('deploy/web.test.ts').text}\nexport default 'passed'\n`)
    expect(await importConfig(file, await loadToolModules())).toBe('passed')
  })
})
