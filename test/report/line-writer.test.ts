import { Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { createLineWriter, outputLeftOut } from '../../src/report/line-writer.ts'

const MIB = 1024 * 1024

/** A pipe that nobody reads until it is told to. */
function aSlowReader() {
  const taken: string[] = []
  let release: () => void = () => undefined
  const released = new Promise<void>(resolve => {
    release = resolve
  })
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk, _encoding, done) => {
      if (chunk !== '') taken.push(String(chunk))
      void released.then(() => done())
    },
  })
  return { stream, taken, release }
}

const MEBIBYTE = 'x'.repeat(MIB - 1)

describe('what steps print while the reader is slower', () => {
  test('waits up to a bound; what is over it is left out, and counted in its place', async () => {
    const reader = aSlowReader()
    const lines = createLineWriter(reader.stream, count => `${count} left out`)
    for (let index = 0; index < 100; index += 1) lines.offer(MEBIBYTE)
    expect(reader.stream.writableLength).toBeLessThan(10 * MIB)
    lines.write('the end')
    reader.release()
    await lines.flush()
    const kept = reader.taken.filter(line => line === `${MEBIBYTE}\n`).length
    expect(reader.taken.slice(kept)).toEqual([`${100 - kept} left out\n`, 'the end\n'])
    expect(kept).toBeGreaterThan(7)
  })

  test('goes on when the reader has caught up', async () => {
    const reader = aSlowReader()
    const lines = createLineWriter(reader.stream, outputLeftOut)
    for (let index = 0; index < 20; index += 1) lines.offer(MEBIBYTE)
    reader.release()
    await lines.flush()
    lines.offer('read again')
    await lines.flush()
    expect(reader.taken.filter(line => line !== `${MEBIBYTE}\n`)).toEqual([
      '12 lines that steps printed are left out here: they came faster than this is read. The log has all of them.\n',
      'read again\n',
    ])
  })
})

test('what must be said is never left out', () => {
  const reader = aSlowReader()
  const lines = createLineWriter(reader.stream, outputLeftOut)
  for (let index = 0; index < 20; index += 1) lines.write(MEBIBYTE)
  expect(reader.stream.writableLength).toBe(20 * MIB)
})
