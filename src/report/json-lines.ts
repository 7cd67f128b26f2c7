import type { Writable } from 'node:stream'
import type { Event } from '../model/event.ts'
import { closingLines } from './closing.ts'
import type { Reporter } from './event-stream.ts'
import { createLineWriter, outputLeftOut } from './line-writer.ts'
import { createRunRecorder } from './run-recorder.ts'
import { jsonText, toWire } from './wire.ts'

/** One event as one line of JSON: `{"v":1,"type":…}`. Stable: see `docs/events.md`. */
export function eventAsJsonLine(event: Event): string {
  const { type, atMs, ...payload } = event
  return jsonText({ v: 1, type, atMs, ...wireFields(payload) })
}

/**
 * Writes every event as one line of JSON. The end of a run has the sentence that people read at its end.
 *
 * @param leftOut what to say in the place of output that came faster than it was read
 */
export function createJsonLines(out: Writable, leftOut = outputLeftOut): Reporter {
  let atMs = 0
  const { write, offer, flush } = createLineWriter(out, count =>
    eventAsJsonLine({ type: 'notice', host: undefined, message: leftOut(count), atMs }),
  )
  const { handle, record } = createRunRecorder()
  const summedUp = (event: Event): Event => {
    if (event.type !== 'run-finished' || record().started === undefined) return event
    return { ...event, summary: closingLines(record()).join('\n') }
  }
  return {
    handle: event => {
      handle(event)
      atMs = event.atMs
      const line = eventAsJsonLine(summedUp(event))
      if (event.type === 'output') offer(line)
      else write(line)
    },
    end: flush,
  }
}

const wireFields = (payload: object) =>
  Object.fromEntries(Object.entries(payload).map(([key, value]) => [key, toWire(value)]))
