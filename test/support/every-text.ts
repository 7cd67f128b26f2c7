import * as v from 'valibot'

type Path = readonly (string | number)[]

/** One answer with one of its texts replaced. */
export interface Variant {
  /** `stages.production.lock.by`. */
  readonly where: string
  readonly value: unknown
}

/**
 * For each text that a schema has, an answer like `base` in which that one is `text`: also where the base has
 * nothing, an empty list or no such key; and once where it is the key of a record.
 */
export function eachText(schema: v.GenericSchema, base: unknown, text: string): readonly Variant[] {
  return leaves(schema, base, text).map(([path, value]) => ({ where: path.join('.'), value }))
}

/**
 * Like `base`, with all texts replaced at once for which `replaced` says so; what it says so of and is not there
 * (null, an empty list) is there as well.
 */
export function withEveryText(
  schema: unknown,
  base: unknown,
  text: string,
  replaced: (where: string) => boolean,
  where = '',
): unknown {
  const below = (inner: unknown, value: unknown, key: string) =>
    withEveryText(inner, value, text, replaced, where === '' ? key : `${where}.${key}`)
  const { type } = v.parse(Kind, schema)
  switch (type) {
    case 'string':
    case 'unknown':
      return replaced(where) ? text : base
    case 'nullable': {
      const { wrapped } = v.parse(Wrapped, schema)
      if (base === null && !replaced(where)) return null
      return withEveryText(wrapped, base ?? example(wrapped), text, replaced, where)
    }
    case 'array': {
      const { item } = v.parse(List, schema)
      const items = Array.isArray(base) ? base : []
      const filled = items.length === 0 && replaced(where) ? [example(item)] : items
      return filled.map(one => below(item, one, '0'))
    }
    case 'record': {
      const { value: of } = v.parse(Table, schema)
      const entries = Object.entries(fieldsOf(base)).map(([key, one]) => [key, below(of, one, key)])
      const [[, first] = ['', below(of, example(of), text)]] = entries
      return Object.fromEntries(replaced(where) ? [...entries, [text, first]] : entries)
    }
    case 'object':
    case 'strict_object': {
      const fields = { ...fieldsOf(example(schema)), ...fieldsOf(base) }
      const { entries } = v.parse(Fields, schema)
      return Object.fromEntries(
        Object.entries(entries).map(([key, of]) => [key, below(of, fields[key], key)]),
      )
    }
    default:
      return base
  }
}

/** Every way to replace one text below a value, each as its path and the whole value. */
function leaves(schema: unknown, base: unknown, text: string): readonly (readonly [Path, unknown])[] {
  const { type } = v.parse(Kind, schema)
  switch (type) {
    case 'string':
    case 'unknown':
      return [[[], text]]
    case 'nullable':
      return leaves(v.parse(Wrapped, schema).wrapped, base, text)
    case 'array': {
      const { item } = v.parse(List, schema)
      const [first, ...more]: readonly unknown[] = Array.isArray(base) ? base : []
      return leaves(item, first ?? example(item), text).map(([path, value]) => [
        [0, ...path],
        [value, ...more],
      ])
    }
    case 'record': {
      const { value: of } = v.parse(Table, schema)
      const entries = fieldsOf(base)
      const [key = 'key'] = Object.keys(entries)
      const inner = entries[key] ?? example(of)
      return [
        [[text], { ...entries, [text]: inner }],
        ...leaves(of, inner, text).map(
          ([path, value]) => [[key, ...path], { ...entries, [key]: value }] as const,
        ),
      ]
    }
    case 'object':
    case 'strict_object': {
      const fields = { ...fieldsOf(example(schema)), ...fieldsOf(base) }
      return Object.entries(v.parse(Fields, schema).entries).flatMap(([key, of]) =>
        leaves(of, fields[key] ?? example(of), text).map(
          ([path, value]) => [[key, ...path], { ...fields, [key]: value }] as const,
        ),
      )
    }
    default:
      return []
  }
}

/** The plainest value that a schema takes. */
function example(schema: unknown): unknown {
  const { type } = v.parse(Kind, schema)
  switch (type) {
    case 'string':
    case 'unknown':
      return 'text'
    case 'number':
      return 1
    case 'boolean':
      return true
    case 'picklist':
      return v.parse(Words, schema).options[0]
    case 'array':
      return []
    case 'record':
      return {}
    case 'nullable':
      return example(v.parse(Wrapped, schema).wrapped)
    case 'object':
    case 'strict_object':
      return Object.fromEntries(
        Object.entries(v.parse(Fields, schema).entries).map(([key, of]) => [key, example(of)]),
      )
    default:
      throw new Error(`a schema of the kind ${type}, which no message has`)
  }
}

const Kind = v.looseObject({ type: v.string() })
const Wrapped = v.looseObject({ wrapped: v.unknown() })
const List = v.looseObject({ item: v.unknown() })
const Table = v.looseObject({ value: v.unknown() })
const Fields = v.looseObject({ entries: v.record(v.string(), v.unknown()) })
const Words = v.looseObject({ options: v.array(v.string()) })

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
