import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runDeploy } from './support/run-deploy.ts'

const directory = mkdtempSync(join(tmpdir(), 'stage-cli-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const config = join(directory, 'stage.config.json')
writeFileSync(
  config,
  JSON.stringify({
    project: 'shop',
    hosts: { web1: 'web1.example.com' },
    stages: { production: { hosts: ['web1'] } },
  }),
)

test('help is a result: exit 0, on standard output', async () => {
  const { code, stdout, stderr } = await runDeploy(['--help'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^Usage: deploy STAGE \[SDIST\] \[options\]\n/)
})

test('the version is a result', async () => {
  const { version }: { version: string } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  )
  expect(await runDeploy(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
})

test.each([
  ['no stage', []],
  ['a flag that there is not', ['production', '--froce']],
  ['a command that there is not', ['help', 'deplyo']],
  ['no configuration', ['production']],
])('%s: exit 2, and standard output stays empty', async (_what, args) => {
  const { code, stdout, stderr } = await runDeploy(args, { cwd: '/' })
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/^error: .+\n {2}→ .+/)
})

test.each([
  ['is no stage', ['prod'], "error: there is no stage 'prod'\n  → the stages are: production\n"],
  [
    'is almost a command',
    ['rolback', 'production'],
    "error: there is no command and no stage 'rolback'\n  → did you mean `deploy rollback`? the stages are: production\n",
  ],
  [
    'is almost a stage',
    ['productoin'],
    "error: there is no stage 'productoin'\n  → did you mean 'production'? the stages are: production\n",
  ],
])('a word that %s', async (_what, args, stderr) => {
  expect(await runDeploy(args, { cwd: directory })).toEqual({ code: 2, stdout: '', stderr })
})

test('a configuration is found upward, and --config names one from anywhere', async () => {
  const says = /there is no stage 'prod'/
  expect((await runDeploy(['prod'], { cwd: join(directory, '.') })).stderr).toMatch(says)
  expect((await runDeploy(['prod', '--config', config], { cwd: '/' })).stderr).toMatch(says)
})

test('hosts of several stages cannot be chosen by name', async () => {
  const { code, stderr } = await runDeploy(['status', '--hosts', 'web1'], { cwd: directory })
  expect(code).toBe(2)
  expect(stderr).toMatch(/^error: --hosts and --except choose among the hosts of one stage\n/)
})

/**
 * V8 writes down every script that a process has loaded (`NODE_V8_COVERAGE`, node(1)). jiti is not looked for: it is
 * what runs the sources in these tests.
 */
test('help loads no SSH, no renderer, no configuration and no validation', async () => {
  const coverage = join(directory, 'coverage')
  await runDeploy(['help', 'status'], { env: { NODE_V8_COVERAGE: coverage } })
  const loaded = readdirSync(coverage).flatMap(file => {
    const { result }: { result: { url: string }[] } = JSON.parse(readFileSync(join(coverage, file), 'utf8'))
    return result.map(({ url }) => url)
  })
  const packages = new Set(
    loaded.flatMap(url => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? []),
  )
  packages.delete('jiti')
  expect([...packages]).toEqual(['commander'])
})
