import { resolve } from 'node:path'
import type { Command } from 'commander'
import { readNamedInput } from '../artifact/plain-file.ts'
import { StageError } from '../model/stage-error.ts'

/** The flags that take names of hosts, as commander calls their values. */
const FLAGS = ['hosts', 'except'] as const

/** Ten thousand names of 100 characters each. */
const LIST_BYTES = 1024 ** 2

/** Where lists are, and when nobody waits for them any more. */
interface Lists {
  readonly cwd: string
  readonly signal: AbortSignal
}

/** Puts the names that stand in files (`@file`) among those that were given, for whatever command was called. */
export async function readHostLists(called: Command, lists: Lists): Promise<void> {
  for (const flag of FLAGS) {
    const given: unknown = called.getOptionValue(flag)
    if (isNames(given)) called.setOptionValue(flag, await withListed(given, `--${flag}`, lists))
  }
}

const isNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(item => typeof item === 'string')

/** All names, each once, in the order in which they first come. */
async function withListed(given: readonly string[], flag: string, from: Lists): Promise<readonly string[]> {
  const lists = await Promise.all(
    given.map(name => (name.startsWith('@') ? listed(name.slice(1), flag, from) : [name])),
  )
  return [...new Set(lists.flat())]
}

async function listed(file: string, flag: string, { cwd, signal }: Lists): Promise<readonly string[]> {
  const path = resolve(cwd, file)
  try {
    return hostList((await readNamedInput(path, LIST_BYTES, signal)).toString('utf8'), path)
  } catch (error) {
    if (error instanceof StageError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new StageError('usage', `the list of hosts that ${flag} names cannot be read: ${why}`, {
      hint: `${flag} @FILE: one name on each line; what follows a # is a comment`,
      cause: error,
    })
  }
}

/**
 * The names in a list of hosts: one on each line. Blank lines and what follows a `#` are passed over.
 *
 * @param path for what is said of a line
 * @throws StageError `usage` for a line with more than one word
 */
export function hostList(text: string, path: string): readonly string[] {
  return text
    .replace(/^\ufeff/, '')
    .split('\n')
    .flatMap((line, index) => {
      const name = line.replace(/#.*/, '').trim()
      if (name === '') return []
      if (!/\s/.test(name)) return [name]
      throw new StageError('usage', `${path}, line ${index + 1}: ${JSON.stringify(name)} is not one name`, {
        hint: 'a list of hosts has one name on each line',
      })
    })
}
