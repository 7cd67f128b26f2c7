import fc from 'fast-check'

/** One change to bytes. `at` and `to` are places between 0 (the first) and 1 (behind the last). */
export type ByteEdit =
  | { readonly kind: 'set'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'remove'; readonly at: number; readonly to: number }
  | { readonly kind: 'copy'; readonly at: number; readonly to: number; readonly into: number }
  | { readonly kind: 'cut'; readonly at: number }

const place = fc.double({ min: 0, max: 1, noNaN: true })

/**
 * Changes to bytes.
 *
 * @param words pieces that mean something in the format, tried beside bytes of any kind
 */
export function byteEdits(words: readonly string[], most = 6): fc.Arbitrary<readonly ByteEdit[]> {
  const few = fc.uint8Array({ minLength: 1, maxLength: 4 })
  const bytes =
    words.length === 0 ? few : fc.oneof(few, fc.constantFrom(...words.map(word => Buffer.from(word))))
  const edit: fc.Arbitrary<ByteEdit> = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('set'), at: place, bytes }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('insert'), at: place, bytes }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove'), at: place, to: place }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('copy'), at: place, to: place, into: place }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut'), at: place }) },
  )
  return fc.array(edit, { maxLength: most })
}

/** The bytes after all changes, one after the other. */
export function edited(bytes: Buffer, edits: readonly ByteEdit[]): Buffer {
  return edits.reduce<Buffer>((before, edit) => apply(before, edit), bytes)
}

function apply(bytes: Buffer, edit: ByteEdit): Buffer {
  const index = (at: number) => Math.floor(at * bytes.length)
  switch (edit.kind) {
    case 'set':
      return Buffer.concat([
        bytes.subarray(0, index(edit.at)),
        edit.bytes,
        bytes.subarray(index(edit.at) + edit.bytes.length),
      ])
    case 'insert':
      return spliced(bytes, index(edit.at), edit.bytes)
    case 'remove': {
      const [start, end] = [index(edit.at), index(edit.to)].toSorted((a, b) => a - b)
      return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)])
    }
    case 'copy': {
      const [start, end] = [index(edit.at), index(edit.to)].toSorted((a, b) => a - b)
      return spliced(bytes, index(edit.into), bytes.subarray(start, end))
    }
    case 'cut':
      return bytes.subarray(0, index(edit.at))
  }
}

function spliced(bytes: Buffer, at: number, piece: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)])
}
