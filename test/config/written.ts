import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { readConfig } from '../../src/config/read-config.ts'
import type { ResolvedConfig } from '../../src/config/resolved-config.ts'
import { StageError } from '../../src/model/stage-error.ts'
import { defineRecipe } from '../../src/recipe/define-recipe.ts'

/** The least that is a configuration. */
export const least = {
  project: 'shop',
  hosts: { web1: 'web1.example.com' },
  stages: { production: { hosts: ['web1'] } },
}

const context = {
  file: '/shop/stage.config.ts',
  directory: '/shop',
  home: '/home/ana',
  recipes: new Map([
    [
      'python',
      (options: unknown) =>
        defineRecipe({ name: 'python', facts: pythonFacts(options), reserves: reservedBy(options) }),
    ],
  ]),
}

/** Like the real one it makes an environment where it is told to. */
function reservedBy(options: unknown) {
  const told = typeof options === 'object' && options !== null && 'environment' in options
  return [{ path: told ? String(options.environment) : '.env', option: 'python({ environment })' }]
}

/** Like the real one this recipe refuses an option that it does not know. */
function pythonFacts(options: unknown) {
  if (typeof options === 'object' && options !== null && 'requirs' in options)
    throw new TypeError('python: requirs is not an option')
  return {}
}

/** The configuration as it is resolved in /shop, of what is written over the least one. */
export function resolved(written: object = {}): ResolvedConfig {
  return readConfig({ ...least, ...written }, context)
}

/** Everything that is wrong with it, one line for each problem. */
export function problemsOf(written: object = {}): string {
  return said(() => resolved(written))
}

/** What a function refuses, one line for each problem: where, what, and the hint after an arrow. */
export function said(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof StageError) return sentence(error)
    throw error
  }
  return 'accepted'
}

/** An error for people: its code, its message and its hint, then its problems. */
export function sentence(error: StageError): string {
  const first = `${error.code}: ${error.message}${arrow(error.hint)}`
  const problems = error.problems.map(({ where, message, hint }) => `  ${where}: ${message}${arrow(hint)}`)
  return [first, ...problems].join('\n')
}

const arrow = (hint: string | undefined) => (hint === undefined ? '' : ` -> ${hint}`)

/** Writes files by relative path into a new directory, which is removed when the test ends. */
export async function directoryWith(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(await realpath(tmpdir()), 'stage-config-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await writeFile(join(directory, path), text)
  }
  return directory
}
