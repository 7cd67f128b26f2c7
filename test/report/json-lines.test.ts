import { describe, expect, test } from 'vitest'
import type { Event } from '../../src/model/event.ts'
import { createJsonLines, eventAsJsonLine } from '../../src/report/json-lines.ts'
import { jsonText, toWire } from '../../src/report/wire.ts'
import { aProblem, aSink, at, exit1, liveOn } from './builders.ts'

test('an event is one line with its version first', () => {
  expect(eventAsJsonLine(at(1).stepFinished('web1', exit1))).toMatchInlineSnapshot(
    `"{"v":1,"type":"step-finished","atMs":1795176000001,"host":"web1","step":"build/1","title":"Install the wheels","outcome":{"kind":"failed","reason":"exit 1"},"durationMs":3000}"`,
  )
})

test('what is absent is null, and no key is lost', () => {
  expect(eventAsJsonLine(at(0).switched('web1', { from: undefined }))).toMatchInlineSnapshot(
    `"{"v":1,"type":"switched","atMs":1795176000000,"host":"web1","from":null,"to":"shop-1.4.0","at":"2026-11-20T12:00:30.123456Z"}"`,
  )
  expect(eventAsJsonLine(at(0).problem(aProblem('web1', 'no')))).toMatchInlineSnapshot(
    `"{"v":1,"type":"problem","atMs":1795176000000,"problem":{"code":"root","where":"web1","message":"no","hint":null,"severity":"error"}}"`,
  )
})

test('the end of a run tells every host by its name', () => {
  const event = at(41_000).runFinished(0, { web1: liveOn('shop-1.4.0'), web2: liveOn(undefined) })
  expect(eventAsJsonLine(event)).toMatchInlineSnapshot(
    `"{"v":1,"type":"run-finished","atMs":1795176041000,"exit":0,"summary":"","hosts":{"web1":{"live":"shop-1.4.0","readBack":true,"outcome":{"kind":"ok"}},"web2":{"live":null,"readBack":true,"outcome":{"kind":"ok"}}},"durationMs":41000}"`,
  )
})

describe('the summary in the last line', () => {
  const summaryAfter = (events: readonly Event[]) => {
    const sink = aSink()
    const lines = createJsonLines(sink.stream)
    for (const event of events) lines.handle(event)
    const last: unknown = JSON.parse(sink.text().trimEnd().split('\n').at(-1) ?? '')
    return last
  }

  test('is the sentence that people read at the end, made from the same events', () => {
    const hosts = ['web1', 'web2']
    const results = { web1: liveOn('shop-1.4.0'), web2: liveOn('shop-1.4.0') }
    const events = [
      at(0).runStarted(hosts),
      at(100).switched('web1'),
      at(100).switched('web2'),
      at(41_000).runFinished(0, results),
    ]
    expect(summaryAfter(events)).toMatchObject({
      summary: 'Switched production to shop-1.4.0 on 2 hosts in 41 s.',
    })
  })

  test('of what ended before it began is what was found then, or nothing', () => {
    const why = 'shop-1.4.0 is live on all 2 hosts of production: nothing to do.'
    expect(summaryAfter([at(0).runFinished(0, {}, why)])).toMatchObject({ summary: why })
    expect(summaryAfter([at(0).runFinished(3, {})])).toMatchObject({ summary: '' })
  })
})

test('a line stays a line for every reader, and is harmless on a terminal', () => {
  const line = eventAsJsonLine(at(0).output('web1', 'a\nb\u2028c\u0085d\x9b31me\x1b[m'))
  expect(line).toMatchInlineSnapshot(
    `"{"v":1,"type":"output","atMs":1795176000000,"host":"web1","step":"build/1","stream":"stdout","line":"a\\nb\\u2028c\\u0085d\\u009b31me\\u001b[m"}"`,
  )
  expect(JSON.parse(line).line).toBe('a\nb\u2028c\u0085d\x9b31me\x1b[m')
})

test('Maps become objects and Sets lists, at every depth', () => {
  const value = { hosts: new Map([['web1', new Set(['a'])]]), none: undefined, size: Number.NaN }
  expect(jsonText(toWire(value))).toBe('{"hosts":{"web1":["a"]},"none":null,"size":null}')
})

test('what is no data is refused', () => {
  expect(() => toWire({ run: () => undefined })).toThrow(TypeError)
})
