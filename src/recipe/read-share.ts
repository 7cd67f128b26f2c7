import type { Slot } from '../model/names.ts'
import type { SendFileStep, Share, Step } from '../model/step.ts'
import { readArgument } from './argv.ts'
import type { Place } from './place.ts'
import { readFields, readList, unexpected } from './readers.ts'
import { readOneLine } from './step-options.ts'

/** Names a directory in DEPLOY_PRODUCTS; the remote end has the same rule. */
export function readProductsName(name: unknown, place: Place): string {
  if (typeof name === 'string' && /^[a-z][a-z0-9-]{0,63}$/.test(name)) return name
  unexpected(name, place, 'lower-case letters, digits and -, a letter first')
  return ''
}

/** That a step is shared, and among whom. */
export function readShare(value: unknown, place: Place): Share {
  const fields = readFields(value, place, ['key', 'name', 'inputs', 'builder', 'builderOption'])
  const { key, name = 'products', inputs, builder, builderOption = '`builder` of its `share`' } = fields
  return {
    key: readOneLine(key, place.at('key')),
    name: readProductsName(name, place.at('name')),
    inputs:
      inputs === undefined
        ? undefined
        : readList(inputs, place.at('inputs'), 'a list of texts', readArgument),
    builder: builder === undefined ? undefined : readOneLine(builder, place.at('builder')),
    builderOption: readOneLine(builderOption, place.at('builderOption')),
  }
}

/**
 * What is made for other hosts is made while a revision is built, by all hosts that need it: in another slot, or on one
 * host only, nobody could be given it.
 */
export function checkShares(steps: readonly Step[], slot: Slot, place: Place): void {
  const names = new Set<string>()
  for (const [index, step] of steps.entries()) {
    const at = place.at(index)
    const name = step.kind === 'send-file' ? sentAs(step, slot, at) : sharedAs(step, slot, at.at('share'))
    if (name === undefined) continue
    if (names.has(name)) at.wrong('share-twice', `two steps fill '${name}'`, 'give each a name of its own')
    names.add(name)
  }
}

function sentAs({ name }: SendFileStep, slot: Slot, place: Place): string {
  if (slot !== 'build') {
    const hint = 'only in build; writeFile writes a text anywhere, a file of the sdist is there from build on'
    place.wrong('send-outside-build', `a step of ${slot} cannot send a file`, hint)
  }
  return name
}

function sharedAs(step: Step, slot: Slot, place: Place): string | undefined {
  if (step.kind !== 'exec' || step.share === undefined) return undefined
  if (slot !== 'build')
    place.wrong('share-outside-build', `a step of ${slot} cannot be shared`, 'only one of build can')
  if (step.once !== false) place.wrong('share-once', 'a step that runs once has no other hosts to share with')
  return step.share.name
}
