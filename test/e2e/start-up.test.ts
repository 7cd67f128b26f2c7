import { access, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { runProgram } from '../support/run-program.ts'

/** The packages of which anything was loaded by the installed command, by what V8 says that it ran (NODE_V8_COVERAGE). */
async function packagesLoadedBy(...args: readonly string[]): Promise<readonly string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'loaded-'))
  try {
    const env = { PATH: process.env['PATH'] ?? '', HOME: directory, NODE_V8_COVERAGE: directory }
    await runProgram([process.execPath, inject('deployCommand'), ...args], { cwd: directory, env })
    const reports = await Promise.all(
      (await readdir(directory)).map(name => readFile(join(directory, name), 'utf8')),
    )
    const files = reports.flatMap(text =>
      [...text.matchAll(/"url":"(file:[^"]+)"/g)].map(([, url = '']) => url),
    )
    return [...new Set(files.map(packageOf))].toSorted()
  } finally {
    await rm(directory, { recursive: true })
  }
}

const packageOf = (url: string): string => url.split('/node_modules/').at(-1)?.split('/')[0] ?? url

test.each(['--version', '--help', 'help deploy', 'recover --help', 'staging --no-such-flag'])(
  'deploy %s loads no SSH, no configuration and no renderer',
  async words => {
    expect(await packagesLoadedBy(...words.split(' '))).toEqual(['commander', 'stage-deploy'])
  },
)

test('what the demo imports of the package is in it', async () => {
  const demo = join(dirname(dirname(inject('deployCommand'))), 'examples/demo.mjs')
  const imported = [...(await readFile(demo, 'utf8')).matchAll(/from '(\.[^']+)'/g)].map(
    ([, path = '']) => path,
  )
  expect(imported).not.toEqual([])
  for (const path of imported) await access(join(dirname(demo), path))
})

test('a command loads what it needs when it is called', async () => {
  expect(await packagesLoadedBy('status')).toEqual(expect.arrayContaining(['commander', 'cosmiconfig']))
})

test('a switch loads no renderer where there is no terminal to show it', async () => {
  expect(await packagesLoadedBy('rollback', 'staging')).not.toContain('listr2')
})
