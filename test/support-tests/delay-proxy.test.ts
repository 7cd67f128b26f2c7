import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { type DelayProxy, type ProxySetting, startDelayProxy } from '../support/delay-proxy.ts'

/** What a host does with a connection: by default it sends back what it gets, like an echo server. */
async function proxied(
  setting: ProxySetting,
  serve: (socket: Socket) => void = socket => void socket.pipe(socket),
): Promise<{ readonly proxy: DelayProxy; readonly client: Client }> {
  const server = createServer({ allowHalfOpen: true }, socket => serve(socket.on('error', () => undefined)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = await startDelayProxy({ address: '127.0.0.1', port: portOf(server) }, setting)
  onTestFinished(async () => {
    await proxy[Symbol.asyncDispose]()
    server.close()
  })
  return { proxy, client: await clientOf(proxy) }
}

const portOf = (server: Server) => {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

type Client = Awaited<ReturnType<typeof clientOf>>

async function clientOf({ address, port }: DelayProxy) {
  const socket = connect({ host: address, port, noDelay: true })
  await once(socket, 'connect')
  let received = ''
  const ended = new Promise<string>(resolve => {
    socket.once('end', () => resolve('end'))
    socket.once('error', error => resolve(`${'code' in error ? error.code : error.message}`))
  })
  socket.setEncoding('utf8').on('data', text => {
    received += text
  })
  return {
    ended,
    say: (text: string) => socket.write(text),
    end: () => socket.end(),
    heard: async (text: string) => await expect.poll(() => received, { timeout: 5_000 }).toBe(text),
    received: () => received,
  }
}

test('bytes arrive in order, and no earlier than they may', async () => {
  const { proxy, client } = await proxied({ delayMs: 60 })
  const sentAt = performance.now()
  for (const word of ['one ', 'two ', 'three']) client.say(word)
  await client.heard('one two three')
  // The clock of a timer is coarser than that of the test.
  expect(performance.now() - sentAt).toBeGreaterThan(118)
  expect(proxy.traffic()).toMatchObject([{ bytesToHost: 13, bytesFromHost: 13 }])
})

test('a throttled line takes as long as its bytes', async () => {
  const { client } = await proxied({ bytesPerSecond: 100_000 })
  const sentAt = performance.now()
  client.say('x'.repeat(30_000))
  await client.heard('x'.repeat(30_000))
  expect(performance.now() - sentAt).toBeGreaterThan(250)
})

test('what was sent before the end arrives before it', async () => {
  const { client } = await proxied({ delayMs: 20, bytesPerSecond: 1_000_000 })
  client.say('x'.repeat(100_000))
  client.end()
  expect([await client.ended, client.received().length]).toEqual(['end', 100_000])
})

test('a cut is not told to anybody, and mending it lets pass what was held back', async () => {
  const { proxy, client } = await proxied({})
  client.say('before')
  await client.heard('before')
  proxy.cut()
  client.say(' after')
  await sleep(50)
  expect(client.received()).toBe('before')
  proxy.mend()
  await client.heard('before after')
})

test('a reset breaks the connection', async () => {
  const { proxy, client } = await proxied({})
  client.say('hello')
  await client.heard('hello')
  proxy.reset()
  expect(await client.ended).toBe('ECONNRESET')
})

test('a connection that breaks on one side breaks on the other, unless the cable is cut', async () => {
  const { proxy, client } = await proxied({}, socket => {
    socket.once('data', () => {
      socket.write('soon')
      setTimeout(() => socket.resetAndDestroy(), 100)
    })
  })
  client.say('x')
  expect(await client.ended).toBe('ECONNRESET')
  const other = await clientOf(proxy)
  other.say('x')
  await other.heard('soon')
  proxy.cut()
  await sleep(200)
  expect(await Promise.race([other.ended, 'nothing'])).toBe('nothing')
  proxy.mend()
  expect(await other.ended).toBe('ECONNRESET')
})

test('from a number of bytes on, nothing comes from the host any more', async () => {
  const { client } = await proxied({ cutAfterBytes: 6 })
  client.say('first')
  await client.heard('first')
  client.say('second')
  await sleep(50)
  expect(client.received()).toBe('first')
})

test('a round trip is an answer that came after what the runner had said', async () => {
  const { proxy, client } = await proxied({ delayMs: 20 }, socket => {
    socket.write('hello ')
    socket.pipe(socket)
  })
  const trips = () => proxy.traffic().map(({ roundTrips }) => roundTrips)
  await client.heard('hello ')
  expect(trips()).toEqual([0])
  for (const letter of ['a', 'b', 'c']) client.say(letter)
  await client.heard('hello abc')
  expect(trips()).toEqual([1])
  for (const letter of ['d', 'e', 'f']) {
    client.say(letter)
    await client.heard(`hello abc${'def'.slice(0, 'def'.indexOf(letter) + 1)}`)
  }
  expect(trips()).toEqual([4])
})
