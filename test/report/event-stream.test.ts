import { expect, test } from 'vitest'
import type { Event } from '../../src/model/event.ts'
import { createEventStream, type Reporter } from '../../src/report/event-stream.ts'
import { noon } from './builders.ts'

const notice = (message: string) => ({ type: 'notice', host: undefined, message }) as const

function recording(): Reporter & { readonly seen: Event[] } {
  const seen: Event[] = []
  return { seen, handle: event => void seen.push(event), end: () => undefined }
}

const messages = (events: readonly Event[]) =>
  events.map(event => (event.type === 'notice' ? event.message : event.type))

test('every reporter sees every event, in order, with the time of the clock', () => {
  const [one, other] = [recording(), recording()]
  let now = noon
  const stream = createEventStream(() => now++)
  stream.subscribe(one)
  stream.subscribe(other)
  stream.emit(notice('a'))
  stream.emit(notice('b'))
  expect(one.seen).toEqual([
    { ...notice('a'), atMs: noon },
    { ...notice('b'), atMs: noon + 1 },
  ])
  expect(other.seen).toEqual(one.seen)
})

test('a reporter that throws is left out from there on, and the others are told', () => {
  const good = recording()
  let calls = 0
  const stream = createEventStream(() => noon)
  stream.subscribe({
    handle: () => {
      calls += 1
      throw new Error('no such column')
    },
    end: () => undefined,
  })
  stream.subscribe(good)
  stream.emit(notice('a'))
  stream.emit(notice('b'))
  expect(calls).toBe(1)
  expect(messages(good.seen)).toEqual([
    'a',
    'A part of the output failed and is left out from here on: Error: no such column',
    'b',
  ])
})

test('an event that a reporter emits comes after the one it answers, for everybody', () => {
  const late = recording()
  const stream = createEventStream(() => noon)
  stream.subscribe({
    handle: event => {
      if (event.type === 'notice' && event.message === 'a') stream.emit(notice('answer'))
    },
    end: () => undefined,
  })
  stream.subscribe(late)
  stream.emit(notice('a'))
  expect(messages(late.seen)).toEqual(['a', 'answer'])
})

test('no reporter sees a secret once it is known', () => {
  const reporter = recording()
  const stream = createEventStream(() => noon)
  stream.subscribe(reporter)
  stream.hideSecrets(new Map([['TOKEN', 's3cret']]))
  stream.emit(notice('with s3cret'))
  expect(messages(reporter.seen)).toEqual(['with [TOKEN]'])
})

test('every reporter is ended, also when one of them fails at it, and its reason comes back', async () => {
  const ended: string[] = []
  const stream = createEventStream(() => noon)
  const reporter = (name: string, end: () => Promise<void>) => ({ handle: () => undefined, end, name })
  stream.subscribe(reporter('bad', async () => Promise.reject(new Error('disk full'))))
  stream.subscribe(reporter('good', async () => void ended.push('good')))
  expect(await stream.end()).toEqual(['Error: disk full'])
  expect(ended).toEqual(['good'])
})
