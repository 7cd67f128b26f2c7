import fc from 'fast-check'

/** What stands for texts and numbers, by the key that they are the value of. Undefined: anything. */
export interface Words {
  text(key: string): fc.Arbitrary<string> | undefined
  number(key: string): fc.Arbitrary<number> | undefined
}

const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary', maxLength: 5 }),
  fc.constantFrom('', '..', '\0'),
)
const anyCount = fc.oneof(
  fc.nat(10),
  fc.nat(),
  fc.constantFrom(0, 1, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER),
)

/**
 * Values that a schema of the message table takes: whoever adds a message has it fuzzed. Only the kinds of schemas that
 * the table may use are known.
 */
export function valuesOf(schema: object, words: Words, key = ''): fc.Arbitrary<unknown> {
  switch (field(schema, 'type')) {
    case 'string':
      return words.text(key) ?? ofPattern(schema) ?? anyText
    case 'boolean':
      return fc.boolean()
    case 'number':
      return words.number(key) ?? anyCount
    case 'nullable':
      return fc.option(valuesOf(part(schema, 'wrapped'), words, key), { freq: 3 })
    case 'array':
      return fc.array(valuesOf(part(schema, 'item'), words, key), { maxLength: 3 })
    case 'record':
      return fc.dictionary(
        words.text(`${key}.key`) ?? ofPattern(part(schema, 'key')) ?? anyText,
        valuesOf(part(schema, 'value'), words, key),
        {
          maxKeys: 3,
        },
      )
    case 'object':
      return fc.record(
        Object.fromEntries(
          Object.entries(part(schema, 'entries')).map(([name, each]) => [name, valuesOf(each, words, name)]),
        ),
      )
    case 'picklist':
      return fc.constantFrom(...Object.values(part(schema, 'options')))
    case 'unknown':
      return fc.jsonValue({ maxDepth: 1 })
    default:
      throw new Error(`the message table has a kind of schema that is new: ${field(schema, 'type')}`)
  }
}

/** Undefined: any text will do. */
function ofPattern(schema: object): fc.Arbitrary<string> | undefined {
  const actions: unknown = field(schema, 'pipe')
  const patterns = Array.isArray(actions)
    ? actions.flatMap((action: unknown) => {
        const pattern =
          typeof action === 'object' && action !== null ? field(action, 'requirement') : undefined
        return pattern instanceof RegExp ? [pattern] : []
      })
    : []
  const [pattern] = patterns
  return pattern === undefined ? undefined : fc.stringMatching(pattern)
}

function field(schema: object, name: string): unknown {
  return Reflect.get(schema, name)
}

function part(schema: object, name: string): object {
  const value = field(schema, name)
  if (typeof value === 'object' && value !== null) return value
  throw new Error(`a schema of the kind ${field(schema, 'type')} has no ${name}`)
}
