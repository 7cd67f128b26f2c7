import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dataFrame, FrameDecoder, jsonFrame, outputFrame } from '../../src/remote/frames.ts'

const limit = 1024 * 1024

const ids = fc.integer({ min: 1, max: 2 ** 32 - 1 })
const bytes = fc.uint8Array({ maxLength: 300 })
const written = fc.oneof(
  fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' })).map(value => ({
    bytes: jsonFrame({ ...value }),
    frame: { kind: 'json', value: JSON.parse(JSON.stringify({ ...value })) },
  })),
  fc.tuple(ids, bytes).map(([id, data]) => ({
    bytes: dataFrame(id, data),
    frame: { kind: 'data', id, bytes: Buffer.from(data) },
  })),
  fc.tuple(ids, bytes, fc.constantFrom('stdout' as const, 'stderr' as const)).map(([id, data, stream]) => ({
    bytes: outputFrame(id, stream, data),
    frame: { kind: 'output', id, stream, bytes: Buffer.from(data) },
  })),
)

function inPieces(all: Buffer, sizes: readonly number[]): readonly Buffer[] {
  const pieces: Buffer[] = []
  let rest = all
  for (const size of sizes) {
    pieces.push(rest.subarray(0, size))
    rest = rest.subarray(size)
  }
  return [...pieces, rest]
}

const decoded = (pieces: readonly Uint8Array[]) => {
  const decoder = new FrameDecoder(limit)
  return pieces.flatMap(piece => [...decoder.push(piece)])
}

test('frames arrive the same however the stream was cut', () => {
  fc.assert(
    fc.property(fc.array(written, { maxLength: 8 }), fc.array(fc.nat({ max: 40 })), (sent, sizes) => {
      const stream = Buffer.concat(sent.map(one => one.bytes))
      expect(decoded(inPieces(stream, sizes))).toStrictEqual(sent.map(one => one.frame))
    }),
  )
})

test('any bytes at all are read without a throw, and nothing follows a broken frame', () => {
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 20 }), pieces => {
      const kinds = decoded(pieces).map(frame => frame.kind)
      expect(kinds.indexOf('broken')).toBeOneOf([-1, kinds.length - 1])
    }),
  )
})

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

test.each([
  ['a kind that nobody knows', hex('00000001 58'), 'a frame of unknown kind 88'],
  ['no kind', hex('00000000'), 'a frame without a kind'],
  ['a text that is not JSON', hex('00000002 4a 7b'), 'a message that is not JSON'],
  ['JSON that is not UTF-8', hex('00000004 4a 22ff22'), 'a message that is not JSON'],
  ['data without a request', hex('00000004 44 000000'), 'a data frame without a request'],
  ['output without a stream', hex('00000005 4f 00000001'), 'an output frame without a request'],
  ['output of a third stream', hex('00000006 4f 00000001 03'), 'output of an unknown stream 3'],
])('%s breaks the connection', (_, stream, reason) => {
  expect(decoded([stream])).toStrictEqual([{ kind: 'broken', reason }])
})

test('a frame that is too long is refused by its length, before its bytes arrive', () => {
  expect(decoded([hex('00100001')])).toStrictEqual([
    { kind: 'broken', reason: 'a frame of 1048577 bytes (at most 1048576)' },
  ])
})
