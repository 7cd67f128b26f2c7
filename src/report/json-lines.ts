import type { Writable } from 'node:stream'
import type { Event } from '../model/event.ts'
import type { Reporter } from './event-stream.ts'
import { createLineWriter } from './line-writer.ts'
import { jsonText, toWire } from './wire.ts'

/** One event as one line of JSON: `{"v":1,"type":…}`. Stable: see `docs/events.md`. */
export function eventAsJsonLine(event: Event): string {
  const { type, atMs, ...payload } = event
  return jsonText({ v: 1, type, atMs, ...wireFields(payload) })
}

/** Writes every event as one line of JSON. */
export function createJsonLines(out: Writable): Reporter {
  const { write, flush } = createLineWriter(out)
  return { handle: event => write(eventAsJsonLine(event)), end: flush }
}

const wireFields = (payload: object) =>
  Object.fromEntries(Object.entries(payload).map(([key, value]) => [key, toWire(value)]))
