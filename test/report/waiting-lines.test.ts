import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { Event } from '../../src/model/event.ts'
import { createCommandLines } from '../../src/report/command-lines.ts'
import type { Reporter } from '../../src/report/event-stream.ts'
import { createJsonLines } from '../../src/report/json-lines.ts'
import { LINE_BYTES } from '../../src/report/line-writer.ts'
import { logOn } from '../../src/report/log-file.ts'
import { createPlainLines } from '../../src/report/plain-lines.ts'
import { mustRun } from '../support/run-program.ts'

// What is printed faster than it is read waits in memory; how much that may be counts lines as well as characters.

const MIB = 1024 * 1024

/** A reader that takes nothing until it is told to. */
class SlowReader extends Writable {
  lines = 0
  characters = 0
  #release: (() => void)[] | undefined = []

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const text = chunk.toString()
    if (text !== '') this.lines += 1
    this.characters += text.length
    if (this.#release === undefined) done()
    else this.#release.push(done)
  }
  /** Goes on reading, and has read all that waited when this resolves. */
  async readAll(): Promise<void> {
    for (const done of this.#release ?? []) done()
    this.#release = undefined
    await new Promise(resolve => this.write('', resolve))
  }
}

interface Projection {
  readonly reporter: Reporter
  readonly reader: SlowReader
}

const plain = (): Projection => {
  const reader = new SlowReader()
  const options = { out: reader, detail: 'verbose', colour: false, summedUp: true } as const
  return { reader, reporter: createPlainLines(options) }
}
const json = (): Projection => {
  const reader = new SlowReader()
  return { reader, reporter: createJsonLines(reader) }
}
const log = (): Projection => {
  const reader = new SlowReader()
  return { reader, reporter: logOn('log', reader, () => undefined) }
}
const command = (grouped: boolean) => (): Projection => {
  const reader = new SlowReader()
  const options = {
    out: reader,
    err: reader,
    hosts: ['web'],
    grouped,
    detail: 'normal',
    columns: 80,
  } as const
  return { reader, reporter: createCommandLines({ ...options, colour: { out: false, err: false } }) }
}

const output = (line: string): Event => ({
  ...{ type: 'output', atMs: 1, host: 'web', step: 's', stream: 'stdout', line },
})
const finished: Event = {
  ...{ type: 'command-finished', atMs: 1, host: 'web', outcome: { kind: 'ok' }, code: 0, durationMs: 1 },
}

const projections: readonly (readonly [string, number, () => Projection])[] = [
  ['plain lines', 8 * MIB, plain],
  ['JSON lines', 8 * MIB, json],
  ['the log', 64 * MIB, log],
  ['what a command prints', 8 * MIB, command(false)],
  ['what a command prints, host by host', 8 * MIB, command(true)],
]
const kinds = [
  ['empty lines', ''],
  ['short lines', 'ok'],
  ['long lines', 'x'.repeat(64 * 1024)],
  ['progress bars', '\r50 %\r60 %'],
  ['NULs', '\0\0\0'],
] as const

describe.each(projections)('%s', (_projection, limit, made) => {
  test.each(kinds)(
    'hold back no more of %s than their limit, and say how many they left out',
    async (_, line) => {
      const { reporter, reader } = made()
      const each = LINE_BYTES + line.length
      const count = Math.ceil((limit * 1.5) / each) + 10
      for (let index = 0; index < count; index += 1) reporter.handle(output(line))
      reporter.handle(finished)
      await reader.readAll()
      await new Promise(setImmediate)
      void reporter.end()
      await new Promise(setImmediate)
      expect(reader.lines * LINE_BYTES).toBeLessThan(limit * 1.1 + MIB)
      expect(reader.characters).toBeLessThan(limit * 1.1 + MIB)
      expect(reader.lines * each).toBeGreaterThan(limit / 4)
    },
  )
})

describe('a million and a half of lines that nobody reads', () => {
  const program = fileURLToPath(new URL('support/many-lines.mjs', import.meta.url))
  const mostKib = async (projection: string, count: number, length: number) =>
    Number(await mustRun([process.execPath, program, projection, String(count), String(length)]))
  test.each([
    ['plain', 0],
    ['json', 0],
    ['log', 0],
    ['log', 6],
    ['run', 0],
    ['run --group', 0],
    ['run --group', 6],
  ])(
    '%s with %i characters take a bounded memory',
    async (projection, length) => {
      const none = await mostKib(projection, 0, length)
      const many = await mostKib(projection, 1_500_000, length)
      // The log may hold 64 MiB; what V8 has not yet thrown away comes to that.
      expect(many - none).toBeLessThan(250 * 1024)
    },
    120_000,
  )
})
