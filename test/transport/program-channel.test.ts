import { PassThrough, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import type { ChannelEnd } from '../../src/transport/channel.ts'
import { programChannel } from '../../src/transport/program-channel.ts'

/** A program in the hands of the test. */
function program(stdin: Writable = new PassThrough()) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  let end: (how: ChannelEnd) => void = () => {}
  const over = new Promise<ChannelEnd>(resolve => {
    end = resolve
  })
  const channel = programChannel({ stdin, stdout, stderr, over, cut: () => undefined })
  return {
    channel,
    stdout,
    exit(code: number) {
      stdout.end()
      stderr.end()
      end({ kind: 'exited', code })
    },
  }
}

test('the end is told when all was delivered to whoever reads', async () => {
  const { channel, stdout, exit } = program()
  const order: string[] = []
  channel.output.on('data', chunk => order.push(String(chunk)))
  channel.output.pause()
  stdout.write('last words')
  exit(0)
  void channel.ended.then(() => order.push('ended'))
  await new Promise(resolve => setImmediate(resolve))
  channel.output.resume()
  await channel.ended
  expect(order).toEqual(['last words', 'ended'])
})

test('the end does not wait for a stream that nobody reads, and what it holds stays readable', async () => {
  const { channel, stdout, exit } = program()
  stdout.write('unheard')
  exit(3)
  expect(await channel.ended).toEqual({ kind: 'exited', code: 3 })
  expect(await text(channel.output)).toBe('unheard')
})

test('a write that the program never took is called back with an error when it ends', async () => {
  const { channel, exit } = program(new Writable({ write: () => undefined }))
  const written = new Promise(resolve => channel.input.write('x', resolve))
  exit(0)
  expect(await written).toBeInstanceOf(Error)
})

test('an input that breaks closes and throws no error at anybody', async () => {
  const broken = new Writable({ write: (_chunk, _encoding, callback) => callback(new Error('EPIPE')) })
  const { channel } = program(broken)
  const closed = new Promise<void>(resolve => channel.input.once('close', resolve))
  channel.input.write('x')
  await closed
  expect(channel.input.destroyed).toBe(true)
})

test('a program that had ended when its channel was closed keeps its end', async () => {
  const { channel, exit } = program()
  channel.output.on('readable', () => undefined)
  exit(4)
  await new Promise(resolve => setImmediate(resolve))
  channel.close()
  expect(await channel.ended).toEqual({ kind: 'exited', code: 4 })
})

test('an input takes no more than its program does', async () => {
  const { channel } = program(new Writable({ highWaterMark: 1, write: () => undefined }))
  const chunk = Buffer.alloc(1024)
  let accepted = 0
  while (channel.input.write(chunk)) accepted += 1
  expect(accepted).toBeLessThan(100)
})
