import type { Mend } from '../model/check.ts'
import type { Expectation, Fact } from '../model/recipe.ts'
import { isFact } from './fact.ts'
import type { Place } from './place.ts'
import { isPlainObject, readChoice, readFields, readList, readText, unexpected } from './readers.ts'

/** One field as a recipe writes it; everything is data but the parser of the question. */
export interface WrittenExpectation {
  /** What is looked at, unique within the recipe: `unit shop-production.service`. */
  readonly field: string
  readonly expected: string
  /** A read-only question whose parser returns what is to be compared with `expected`. */
  readonly actual: Fact<string>
  /** Default: `drift`, which makes a check fail. */
  readonly severity?: 'drift' | 'warning'
  /** A command that mends it and where it is run; or what a person has to do, where no command can. */
  readonly mend: Mend
}

const keys = ['field', 'expected', 'actual', 'severity', 'mend'] as const
const places = ['runner', 'host', 'host as root'] as const

/** Reads what a recipe expects. Says what is wrong at each place, and names a field that is there twice. */
export function readExpectations(value: unknown, place: Place): readonly Expectation[] {
  const read = readList(value ?? [], place, 'a list of expectations', readExpectation)
  read.forEach(({ field }, index) => {
    const isSecond = read.findIndex(other => other.field === field) < index
    if (isSecond) place.at(index).at('field').wrong('duplicate', `'${field}' is expected twice`)
  })
  return read
}

function readExpectation(value: unknown, place: Place): Expectation {
  const { field, expected, actual, severity = 'drift', mend } = readFields(value, place, keys)
  return {
    field: readText(field, place.at('field')),
    expected: readText(expected, place.at('expected')),
    actual: readQuestion(actual, place.at('actual')),
    severity: readChoice(severity, place.at('severity'), ['drift', 'warning']),
    mend: readMend(mend, place.at('mend')),
  }
}

function readQuestion(value: unknown, place: Place): Fact<string> {
  if (!isFact(value)) {
    unexpected(value, place, 'fact(…) or pythonFact(…)')
    return { argv: [], timeoutMs: 0, parse: () => '' }
  }
  const { argv, timeoutMs, parse } = value
  // Whatever it returns is shown and compared as a text.
  return { argv, timeoutMs, parse: stdout => String(parse(stdout)) }
}

function readMend(value: unknown, place: Place): Mend {
  if (isPlainObject(value) && value['kind'] === 'advice') {
    const { text } = readFields(value, place, ['kind', 'text'])
    return { kind: 'advice', text: readText(text, place.at('text')) }
  }
  const { kind, on, command } = readFields(value, place, ['kind', 'on', 'command'])
  if (kind !== 'command') unexpected(kind, place.at('kind'), "'command' or 'advice'")
  return {
    kind: 'command',
    on: readChoice(on, place.at('on'), places),
    command: readText(command, place.at('command')),
  }
}
