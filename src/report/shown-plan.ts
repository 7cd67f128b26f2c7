import { HIDDEN, isPasswordName, withoutCredentials } from '../shell/credentials.ts'
import { shownWords } from '../shell/shown-command.ts'
import type { Wire } from './wire.ts'

/** The value of a variable as it is shown: whatever a password's name has is hidden, and a password in any other. */
export const shownVariable = (name: string, value: string): string =>
  isPasswordName(name) ? HIDDEN : withoutCredentials(value)

/**
 * A plan as data without what is written in it in the place of a password: in commands, in variables, in what is written to a
 * file, in titles. The headers of a request are shown by name: one of them is most likely there to authorise.
 */
export function shownPlan(wire: Wire, key = ''): Wire {
  if (typeof wire === 'string') return withoutCredentials(wire)
  if (isList(wire))
    return key === 'argv' && wire.every(isText) ? shownWords(wire) : wire.map(item => shownPlan(item))
  if (typeof wire !== 'object' || wire === null) return wire
  return Object.fromEntries(
    Object.entries(wire).map(([name, item]) => {
      if (key === 'headers') return [name, HIDDEN]
      return [
        name,
        (key === 'env' || key === 'answerHeaders') && isText(item)
          ? shownVariable(name, item)
          : shownPlan(item, name),
      ]
    }),
  )
}

const isList = (wire: Wire): wire is readonly Wire[] => Array.isArray(wire)
const isText = (wire: Wire): wire is string => typeof wire === 'string'
