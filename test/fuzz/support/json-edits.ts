import fc from 'fast-check'

/** One change to a tree of plain data, at the node that comes as the `at`-th in order of depth, counted round. */
export type JsonEdit =
  | { readonly kind: 'replace'; readonly at: number; readonly value: unknown }
  | { readonly kind: 'remove'; readonly at: number }
  | { readonly kind: 'repeat'; readonly at: number }
  | { readonly kind: 'rename'; readonly at: number; readonly name: string }
  | { readonly kind: 'add'; readonly at: number; readonly name: string; readonly value: unknown }

/** What JSON can say that no reader expects: wrong types, extremes, names of prototypes, text that no file can have. */
export const junk: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(null, true, false, [], {}, [[]], [null], { a: { b: [] } }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(0, -1, 1.5, -0, 1e21, 2 ** 31, 2 ** 53, -(2 ** 53), 1e308, 5e-324),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...['', ' ', '\0', '\n', '..', '/', '../../x', '-x', '\ud800', '\u202e', '\u001b[2J', '__proto__'],
      ...['constructor', 'toString', '1.0', 'null', 'x'.repeat(5000), 'é'.repeat(300)],
    ),
  },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
)

/** @param words texts that mean something where they are put, tried beside everything else */
export function jsonEdits(words: readonly string[], most = 4): fc.Arbitrary<readonly JsonEdit[]> {
  const at = fc.nat(10_000)
  const name = fc.oneof(fc.constantFrom('', '__proto__', 'constructor', 'x y', 'é', ...words), fc.string())
  const value = words.length === 0 ? junk : fc.oneof(junk, fc.constantFrom(...words))
  return fc.array(
    fc.oneof(
      { weight: 5, arbitrary: fc.record({ kind: fc.constant<'replace'>('replace'), at, value }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant<'remove'>('remove'), at }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant<'repeat'>('repeat'), at }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant<'rename'>('rename'), at, name }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant<'add'>('add'), at, name, value }) },
    ),
    { maxLength: most },
  )
}

/** The value after all changes, one after the other. What is not plain data stays as it is. */
export function jsonEdited(value: unknown, edits: readonly JsonEdit[]): unknown {
  return edits.reduce<unknown>((before, edit) => {
    const count = sizeOf(before)
    return applied(before, edit, { left: edit.at % count })
  }, value)
}

type Entries = readonly (readonly [string, unknown])[]

function entriesOf(value: unknown): Entries {
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}

function sizeOf(value: unknown): number {
  return entriesOf(value).reduce((sum, [, child]) => sum + sizeOf(child), 1)
}

/** Walks to the node that is meant, and puts together anew what is above it. */
function applied(value: unknown, edit: JsonEdit, counter: { left: number }): unknown {
  if (counter.left === 0) {
    counter.left -= 1
    return atNode(value, edit)
  }
  counter.left -= 1
  const entries: (readonly [string, unknown])[] = []
  for (const [key, child] of entriesOf(value)) {
    const isMeant = counter.left === 0
    const after = counter.left < 0 ? child : applied(child, edit, counter)
    entries.push(...(isMeant ? inParent(key, after, edit) : [[key, after] as const]))
  }
  return rebuilt(value, entries)
}

function atNode(value: unknown, edit: JsonEdit): unknown {
  if (edit.kind === 'replace') return edit.value
  return edit.kind === 'add' ? rebuilt(value, [...entriesOf(value), [edit.name, edit.value]]) : value
}

function inParent(key: string, value: unknown, edit: JsonEdit): Entries {
  switch (edit.kind) {
    case 'remove':
      return []
    case 'repeat':
      return [
        [key, value],
        [`${key}2`, value],
      ]
    case 'rename':
      return [[edit.name, value]]
    case 'replace':
    case 'add':
      return [[key, value]]
  }
}

function rebuilt(like: unknown, entries: Entries): unknown {
  if (Array.isArray(like)) return entries.map(([, child]) => child)
  // As JSON.parse makes it: a key `__proto__` is a key like any other.
  return typeof like === 'object' && like !== null ? Object.fromEntries(entries) : like
}
