import type { Slot } from '../model/names.ts'
import type { Share, Step } from '../model/step.ts'
import { readArgument } from './argv.ts'
import type { Place } from './place.ts'
import { readFields, readList, readText, unexpected } from './readers.ts'

/** Becomes a directory on hosts; the remote end has the same rule. */
const shareName = /^[a-z][a-z0-9-]{0,63}$/

/** That a step is shared, and among whom. */
export function readShare(value: unknown, place: Place): Share {
  const { key, name = 'products', inputs } = readFields(value, place, ['key', 'name', 'inputs'])
  if (typeof name !== 'string' || !shareName.test(name))
    unexpected(name, place.at('name'), 'lower-case letters, digits and -, a letter first')
  return {
    key: readKey(key, place.at('key')),
    name: typeof name === 'string' ? name : '',
    inputs:
      inputs === undefined
        ? undefined
        : readList(inputs, place.at('inputs'), 'a list of texts', readArgument),
  }
}

/** It is shown in plans. */
function readKey(value: unknown, place: Place): string {
  const key = readText(value, place)
  if (/\p{Cc}/u.test(key)) place.wrong('control-character', 'a key is one line without control characters')
  return key
}

/**
 * What is made for other hosts is made while a revision is built, by all hosts that need it: in another slot, or on one
 * host only, nobody could be given it.
 */
export function checkShares(steps: readonly Step[], slot: Slot, place: Place): void {
  const names = new Set<string>()
  for (const [index, step] of steps.entries()) {
    if (step.kind !== 'exec' || step.share === undefined) continue
    const at = place.at(index).at('share')
    const { name } = step.share
    if (slot !== 'build')
      at.wrong('share-outside-build', `a step of ${slot} cannot be shared`, 'only one of build can')
    if (step.once !== false) at.wrong('share-once', 'a step that runs once has no other hosts to share with')
    if (names.has(name))
      at.wrong('share-twice', `two steps share as '${name}'`, 'give each a name of its own')
    names.add(name)
  }
}
