import { randomBytes } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { dataFrame, type Frame, FrameDecoder, jsonFrame } from '../../src/remote/frames.ts'
import { startRemoteEnd } from '../../src/remote/start-remote-end.ts'
import { loopbackChannel } from '../support/loopback-channel.ts'
import { Refuse, scriptedEnd } from '../support/scripted-end.ts'

const nonce = '00112233445566778899aabbccddeeff'
const KiB = 1024
const MiB = 1024 * KiB
const body = { revision: 'shop-1.0', sha256: 'ab', bytes: 4 * MiB }

/** Data that counts how much of it was taken. */
function counted(chunk: Uint8Array, times: number) {
  const taken = { bytes: 0 }
  async function* data() {
    for (let sent = 0; sent < times; sent += 1) {
      taken.bytes += chunk.length
      yield chunk
    }
  }
  return { taken, data: data() }
}

/** A remote end whose host reads only when the test does. */
async function bareEnd() {
  const { channel, host } = loopbackChannel()
  host.output.write(`stage-deploy ${nonce} listening\nstage-deploy ${nonce} ready\n`)
  const options = { host: 'web1', heartbeatMs: 60_000, startTimeoutMs: 10_000 }
  return { end: await startRemoteEnd(channel, { bytes: Buffer.alloc(0) }, nonce, options), host }
}

async function settled(): Promise<void> {
  for (let turns = 0; turns < 50; turns += 1) await turn()
}

test('data arrives whole and in order, whatever the pieces it came in', async () => {
  const all: Buffer[] = []
  const { end } = await scriptedEnd('web1', {
    receive: async (_, { received }) => {
      all.push(await received)
      return { sha256: 'ab'.repeat(32), bytes: all[0]?.length ?? 0 }
    },
  })
  const chunks = [randomBytes(3), Buffer.alloc(0), randomBytes(700 * KiB), randomBytes(1)]
  async function* data() {
    yield* chunks
  }

  await end.request('receive', body, { data: data() })

  expect(Buffer.concat(all).equals(Buffer.concat(chunks))).toBe(true)
})

test('a host that does not read is not sent more than a bounded amount', async () => {
  const { end } = await bareEnd()
  const { taken, data } = counted(Buffer.alloc(64 * KiB), 64)
  end.request('receive', body, { data }).catch(() => undefined)
  await settled()

  expect(taken.bytes).toBeLessThanOrEqual(MiB)
})

test('a heartbeat waits for no more than a bounded part of an upload', async () => {
  const { end, host } = await bareEnd()
  const { data } = counted(Buffer.alloc(MiB), 4)
  end.request('receive', body, { data }).catch(() => undefined)
  await settled()
  end.beatNow().catch(() => undefined)

  const decoder = new FrameDecoder(256 * KiB)
  let before = 0
  for await (const chunk of host.input) {
    const frames = [...decoder.push(chunk)]
    for (const frame of frames) if (frame.kind === 'data') before += frame.bytes.length
    if (frames.some(frame => isBeat(frame))) break
  }

  expect(before).toBeGreaterThan(0)
  expect(before).toBeLessThanOrEqual(MiB)
})

const isBeat = (frame: Frame) => frame.kind === 'json' && JSON.stringify(frame.value).includes('"beat"')

test('a refused upload is not read to its end', async () => {
  const { end } = await scriptedEnd('web1', {
    receive: () => {
      throw new Refuse('no-space', 'the disk is full')
    },
  })
  const { taken, data } = counted(Buffer.alloc(256 * KiB), 1000)

  await expect(end.request('receive', body, { data })).rejects.toMatchObject({ refusal: 'no-space' })
  await settled()
  expect(taken.bytes).toBeLessThan(10 * MiB)
})

test('an upload whose source fails ends on the host too, and rejects with the fault of the source', async () => {
  const { end } = await scriptedEnd('web1', {
    receive: async (_, { received }) => {
      throw new Refuse('digest', `only ${(await received).length} bytes came`)
    },
  })
  const fault = new Error('EIO: i/o error, read')
  async function* data() {
    yield Buffer.alloc(10)
    throw fault
  }

  await expect(end.request('receive', body, { data: data() })).rejects.toBe(fault)
})

test('a cancelled upload stops', async () => {
  const stop = new AbortController()
  const { end, bodiesOf } = await scriptedEnd('web1', {
    receive: async (_, { received }) => {
      throw new Refuse('digest', `only ${(await received).length} bytes came`)
    },
  })
  async function* data() {
    for (;;) {
      yield Buffer.alloc(KiB)
      stop.abort()
      await turn()
    }
  }

  const upload = end.request('receive', body, { data: data(), signal: stop.signal })
  await expect(upload).rejects.toMatchObject({ refusal: 'digest', message: 'web1: only 1024 bytes came' })
  expect(bodiesOf('cancel')).toStrictEqual([{ request: 1 }])
})

test('an upload ends with its connection', async () => {
  const { end, host } = await bareEnd()
  const { taken, data } = counted(Buffer.alloc(256 * KiB), 1000)
  const upload = end.request('receive', body, { data })
  await settled()
  host.end({ kind: 'lost', reason: 'ECONNRESET' })

  await expect(upload).rejects.toMatchObject({ code: 'connection-lost' })
  await settled()
  expect(taken.bytes).toBeLessThan(2 * MiB)
})

test('what is fetched comes in order before the answer, and no faster than it is taken', async () => {
  const { end } = await scriptedEnd('web1', {
    fetch: (_, { give }) => {
      for (const piece of ['a', 'b', 'c', '']) give(Buffer.from(piece))
      return {}
    },
  })
  const seen: string[] = []
  let busy = 0
  await end.request(
    'fetch',
    { revision: 'shop-1.0', bytes: 3 },
    {
      onData: async chunk => {
        busy += 1
        await turn()
        seen.push(`${Buffer.from(chunk)} ${busy}`)
        busy -= 1
      },
    },
  )

  expect(seen).toStrictEqual(['a 1', 'b 1', 'c 1'])
})

test('who cannot keep what is fetched gets that error; the rest is dropped', async () => {
  const { end, host } = await bareEnd()
  const full = new Error('ENOSPC')
  const fetched = end.request(
    'fetch',
    { revision: 'shop-1.0', bytes: 2 },
    { onData: () => Promise.reject(full) },
  )
  host.output.write(dataFrame(1, Buffer.from('a')))
  host.output.write(dataFrame(1, Buffer.from('b')))
  host.output.write(jsonFrame({ id: 1, ok: {} }))

  await expect(fetched).rejects.toBe(full)
  await settled()
  expect(end.isLost).toBe(false)
})
