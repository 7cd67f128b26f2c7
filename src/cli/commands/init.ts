import { readdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { readPlainText } from '../../artifact/plain-file.ts'
import { type ExitCode, exitCodes } from '../../model/outcome.ts'
import { StageError } from '../../model/stage-error.ts'
import { suggestion } from '../../recipe/closest.ts'
import { buildCommand } from '../init/build-command.ts'
import { settingsIn } from '../init/django-settings.ts'
import { newConfig } from '../init/new-config.ts'
import { findProjectName } from '../init/project-name.ts'
import { type InitRecipe, initRecipes } from '../init/recipes.ts'
import type { Command } from '../run-on-stage.ts'
import { say } from '../say.ts'

const FILE = 'stage.config.ts'

/** `deploy init [--recipe NAME]`: writes `stage.config.ts` here. Whatever configuration is there already stays as it is. */
export async function init({ around }: Command, flags: { readonly recipe: string }): Promise<ExitCode> {
  const { cwd, stdout } = around
  const recipe = recipeNamed(flags.recipe)
  const there = (await readdir(cwd)).find(name => name.startsWith('stage.config.'))
  if (there !== undefined) throw exists(there)
  const read = (file: string) => projectFile(join(cwd, file))
  const found = await findProjectName(read)
  const name = found?.name ?? nameOf(cwd)
  const project = {
    name,
    build: await buildCommand(read),
    settings: settingsIn((await read('manage.py')) ?? ''),
  }
  await writeFile(join(cwd, FILE), newConfig(project, recipe), { flag: 'wx' }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw exists(FILE)
    const why = error instanceof Error ? error.message : String(error)
    throw new StageError('usage', `${FILE} cannot be written: ${why}`, { cause: error })
  })
  const source = found === undefined ? 'the name of this directory: no file here says another' : found.file
  say(stdout, [
    `Wrote ${FILE} for ${name} (${source}).`,
    'Name your hosts in it, then see what a deploy would do: deploy staging --build --dry-run',
  ])
  return exitCodes.done
}

/** Of a file that people write by hand, or a lock file of many packages. */
const PROJECT_FILE_BYTES = 64 * 1024 ** 2

/** Undefined: there is none. */
async function projectFile(path: string): Promise<string | undefined> {
  return await readPlainText(path, PROJECT_FILE_BYTES).catch((error: Error) => {
    if ('code' in error && error.code === 'ENOENT') return undefined
    throw new StageError('usage', `what the project is cannot be read: ${error.message}`, {
      cause: error,
    })
  })
}

function recipeNamed(name: string): InitRecipe {
  const recipe = initRecipes.find(one => one.name === name)
  if (recipe !== undefined) return recipe
  const names = initRecipes.map(one => one.name)
  throw new StageError('usage', `there is no recipe '${name}' to begin with`, {
    hint: suggestion(name, names, 'there are'),
  })
}

const exists = (file: string): StageError =>
  new StageError('usage', `${file} is here already`, {
    hint: 'it is never overwritten: change it, or move it away',
  })

/** A name that every project may have, made of that of its directory. */
const nameOf = (directory: string): string =>
  basename(directory)
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replaceAll(/^[._-]+|[._-]+$/g, '') || 'project'
