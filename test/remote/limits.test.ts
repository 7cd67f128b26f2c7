import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { dataFrame, jsonFrame, MAX_FRAME_FROM_HOST, outputFrame } from '../../src/remote/frames.ts'
import { SLOWEST_BYTES_PER_MS, STOP_MS } from '../../src/remote/message-limits.ts'
import { type Body, limitsOf, type RequestName, requests } from '../../src/remote/messages.ts'
import type { RequestOptions } from '../../src/remote/open-request.ts'
import type { RemoteEnd } from '../../src/remote/remote-end.ts'
import { startRemoteEnd } from '../../src/remote/start-remote-end.ts'
import { valuesOf } from '../fuzz/support/from-schema.ts'
import { loopbackChannel } from '../support/loopback-channel.ts'

/**
 * The rule for every message: whatever a host does that was asked it, the request comes to an end, and costs no more
 * than the table of messages says.
 */

const nonce = '00112233445566778899aabbccddeeff'

/** Programs have a second. */
const words = {
  text: () => undefined,
  number: (key: string) => (key === 'timeoutMs' ? fc.constant(1_000) : undefined),
}

const names = v.parse(
  v.array(v.custom<RequestName>(name => typeof name === 'string' && Object.hasOwn(requests, name))),
  Object.keys(requests),
)

function bodyOf<N extends RequestName>(name: N): Body<N> {
  const { body } = requests[name]
  const [value] = fc.sample(valuesOf(body, words), { numRuns: 1, seed: 1 })
  const schema: (typeof requests)[N]['body'] = body
  return v.parse(schema, value)
}

/** A host that was asked one thing; what it says to that is up to the test. */
async function asked(name: RequestName, options: RequestOptions = {}) {
  const { channel, host } = loopbackChannel()
  host.input.resume()
  host.output.on('error', () => undefined)
  host.output.write(`stage-deploy ${nonce} listening\nstage-deploy ${nonce} ready\n`)
  const end = await startRemoteEnd(channel, { bytes: Buffer.alloc(0) }, nonce, {
    host: 'web1',
    heartbeatMs: 2 ** 30,
    startTimeoutMs: 10_000,
  })
  return { end, host, answer: request(end, name, options) }
}

/** How it ends: with this error, or undefined. Never rejects. */
async function request<N extends RequestName>(end: RemoteEnd, name: N, options: RequestOptions) {
  try {
    await end.request(name, bodyOf(name), options)
    return undefined
  } catch (error) {
    return error
  }
}

async function settled(): Promise<void> {
  for (let turns = 0; turns < 20; turns += 1) await turn()
}

/** Time goes by for the runner alone, and everything that is due is done. */
async function pass(ms: number): Promise<void> {
  vi.advanceTimersByTime(ms)
  await settled()
}

const limitMs = (name: RequestName): number => {
  const within: (body: never) => number = limitsOf(name).withinMs
  return Reflect.apply(within, undefined, [bodyOf(name)])
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
})

afterEach(() => {
  vi.useRealTimers()
})

const transfers = names.filter(name => limitsOf(name).dataBytes > 0)
const quiet = names.filter(name => limitsOf(name).dataBytes === 0)
const programs = names.filter(name => !Number.isFinite(limitsOf(name).outputBytes))
const stoppable = names.filter(name => limitsOf(name).stops)

test('the table has limits for every message, and no answer is longer than a frame', () => {
  for (const name of names) {
    const { answerBytes, answerValues } = limitsOf(name)
    expect(answerBytes).toBeLessThanOrEqual(MAX_FRAME_FROM_HOST - 1)
    expect(answerValues).toBeLessThanOrEqual(answerBytes / 3)
    expect(limitMs(name)).toBeLessThanOrEqual(600_000)
    expect(limitMs(name)).toBeGreaterThan(0)
  }
  expect(transfers).toEqual(['fetch-products', 'fetch'])
  expect(programs).toEqual(['run', 'probe', 'boot'])
})

describe.each(names)('%s', name => {
  test('that is never answered ends with its time, though the heart of the host beats on', async () => {
    const { end, answer } = await asked(name)
    await pass(limitMs(name) - 1)
    expect(end.isLost).toBe(false)
    await pass(1)

    expect(await answer).toMatchObject({
      code: 'connection-lost',
      message: `web1: ${name} was not answered within ${limitMs(name) / 1000} s`,
    })
    expect(end.isLost).toBe(true)
    await expect(end.lost).resolves.toMatchObject({ kind: 'broken' })
  })

  test('may be waited for a shorter time, and then alone may end, where whoever asks says so', async () => {
    const { end, answer } = await asked(name, { limitMs: 10, what: 'it', keepsConnection: true })
    await pass(10)

    expect(await answer).toMatchObject({ message: 'web1: it was not answered within 0.01 s' })
    expect(end.isLost).toBe(false)
    end.kill()
  })

  test('that is abandoned ends at once, and its connection with it', async () => {
    const leave = new AbortController()
    const { end, answer } = await asked(name, { abandoned: leave.signal })
    leave.abort()

    expect(await answer).toMatchObject({ code: 'interrupted' })
    await expect(end.lost).resolves.toMatchObject({ kind: 'closed' })
  })

  test('whose answer is announced as too long is given up before that arrives', async () => {
    const { end, host, answer } = await asked(name)
    const whole = jsonFrame({ id: 1, ok: { text: 'x'.repeat(limitsOf(name).answerBytes) } })
    host.output.write(whole.subarray(0, 40))

    expect(await answer).toMatchObject({ code: 'connection-lost' })
    await expect(end.lost).resolves.toMatchObject({
      reason: expect.stringMatching(/^its answer to .* has \d+ bytes, more than \d+$|^it sent a frame of/),
    })
  })

  test('whose answer has too many values is given up before they are read', async () => {
    const { end, host } = await asked(name)
    const { answerValues, answerBytes } = limitsOf(name)
    const message = jsonFrame({ id: 1, ok: Array.from({ length: answerValues }, () => ({})) })
    expect(message.length).toBeLessThan(answerBytes)
    host.output.write(message)

    await expect(end.lost).resolves.toMatchObject({ reason: expect.stringMatching(/more than \d+ values/) })
  })

  test('whose answer is deeper than any is given up', async () => {
    const { end, host } = await asked(name)
    const ok: unknown = JSON.parse('['.repeat(100) + ']'.repeat(100))
    host.output.write(jsonFrame({ id: 1, ok }))

    await expect(end.lost).resolves.toMatchObject({ reason: expect.stringMatching(/too deep/) })
  })

  test('that is answered, and refused, leaves no time running', async () => {
    const { end, host, answer } = await asked(name)
    host.output.write(jsonFrame({ id: 1, error: { code: 'io', message: 'no', detail: {} } }))
    await answer
    await pass(limitMs(name) * 2)
    expect(end.isLost).toBe(false)
    end.kill()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe.each(quiet)('%s brings no data:', name => {
  test('the first of it ends the connection', async () => {
    const { end, host, answer } = await asked(name)
    host.output.write(dataFrame(1, Buffer.from('x')))

    expect(await answer).toMatchObject({ code: 'connection-lost' })
    await expect(end.lost).resolves.toMatchObject({
      reason: `it sent more data for ${name} than was announced`,
    })
  })
})

describe.each(transfers)('%s', name => {
  test('brings as much as was announced, and not one byte more', async () => {
    let taken = 0
    const onData = (chunk: Uint8Array) => {
      taken += chunk.length
    }
    const { end, host } = await asked(name, { dataBytes: 10, onData })
    host.output.write(dataFrame(1, Buffer.from('1234567890')))
    await settled()
    expect([taken, end.isLost]).toEqual([10, false])
    host.output.write(dataFrame(1, Buffer.from('x')))

    await expect(end.lost).resolves.toMatchObject({ kind: 'broken' })
    expect(taken).toBe(10)
  })

  test('brings nothing endless, whatever was announced', async () => {
    const { end, host } = await asked(name, { dataBytes: Number.POSITIVE_INFINITY })
    const head = Buffer.alloc(9)
    head.writeUInt32BE(2 ** 32 - 1)
    host.output.write(head)
    await expect(end.lost).resolves.toMatchObject({ kind: 'broken' })
  })

  test('has its time anew with every piece, and no time without one, an empty piece being none', async () => {
    const { end, host, answer } = await asked(name, { dataBytes: 100_000_000 })
    for (let piece = 0; piece < 5; piece += 1) {
      await pass(limitMs(name) - 1)
      expect(end.isLost).toBe(false)
      host.output.write(dataFrame(1, Buffer.from('x')))
      await settled()
    }
    await pass(limitMs(name) - 1)
    host.output.write(dataFrame(1, Buffer.alloc(0)))
    await settled()
    await pass(1)

    expect(await answer).toMatchObject({ message: expect.stringMatching(/ was not answered within /) })
  })

  test('may not drip for ever', async () => {
    const { end, host, answer } = await asked(name, { dataBytes: 4_000 })
    const wholeMs = limitMs(name) + 4_000 / SLOWEST_BYTES_PER_MS
    for (let passed = 0; passed < wholeMs; passed += 10_000) {
      expect(end.isLost).toBe(false)
      host.output.write(dataFrame(1, Buffer.from('x')))
      await settled()
      await pass(10_000)
    }

    expect(await answer).toMatchObject({ message: expect.stringMatching(/ did not arrive within /) })
  })
})

describe.each(names.filter(name => !programs.includes(name)))('%s runs no program:', name => {
  test('it may warn, and not go on for ever', async () => {
    const lines: string[] = []
    const { end, host } = await asked(name, { onOutput: (_, line) => lines.push(line) })
    host.output.write(outputFrame(1, 'stderr', Buffer.from('a warning\n')))
    await settled()
    expect([lines, end.isLost]).toEqual([['a warning'], false])
    host.output.write(outputFrame(1, 'stderr', Buffer.alloc(limitsOf(name).outputBytes, '\n')))

    await expect(end.lost).resolves.toMatchObject({ reason: `it sent output for ${name}, which prints none` })
  })
})

describe.each(programs)('%s', name => {
  test('may print as much as it likes, for as long as it may run', async () => {
    const { end, host, answer } = await asked(name)
    for (let piece = 0; piece < 20; piece += 1)
      host.output.write(outputFrame(1, 'stdout', Buffer.alloc(256 * 1024, 'x')))
    await settled()
    expect(end.isLost).toBe(false)
    await pass(limitMs(name))
    expect(await answer).toMatchObject({ code: 'connection-lost' })
  })
})

describe.each(stoppable)('%s is stopped by a signal:', name => {
  test('a host that does not stop has no longer than a minute, though data goes on', async () => {
    const stop = new AbortController()
    const options = transfers.includes(name) ? { dataBytes: 1_000 } : {}
    const { end, host, answer } = await asked(name, { signal: stop.signal, ...options })
    stop.abort()
    await pass(STOP_MS - 1)
    expect(end.isLost).toBe(false)
    if (transfers.includes(name)) host.output.write(dataFrame(1, Buffer.from('x')))
    await settled()
    await pass(1)

    expect(await answer).toMatchObject({
      code: 'connection-lost',
      message: `web1: ${name} did not stop within 60 s of being told to`,
    })
  })
})

describe.each(names.filter(name => !stoppable.includes(name)))('%s is carried to its end:', name => {
  test('a signal shortens nothing', async () => {
    const stop = new AbortController()
    const { end, answer } = await asked(name, { signal: stop.signal })
    stop.abort()
    await pass(limitMs(name) - 1)
    expect(end.isLost).toBe(false)
    await pass(1)
    expect(await answer).toMatchObject({ message: expect.stringMatching(/ was not answered within /) })
  })
})

test('what is over is not waited for, however long a runner stood still', async () => {
  const { end, host, answer } = await asked('settle')
  // The answer has arrived and was not read yet when the timer is due.
  host.output.write(jsonFrame({ id: 1, ok: { id: 'f00', project: 'shop' } }))
  vi.advanceTimersByTime(limitMs('settle') * 10)

  expect(await answer).toBe(undefined)
  await settled()
  expect(end.isLost).toBe(false)
  end.kill()
})
