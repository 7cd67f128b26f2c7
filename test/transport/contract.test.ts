import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Channel } from '../../src/transport/channel.ts'
import { createTransport, type Transport } from '../../src/transport/transport.ts'
import { runProgram } from '../support/run-program.ts'
import { type SshServer, startSshd } from '../support/sshd.ts'
import { destinationOf } from './destinations.ts'

let server: SshServer
let transport: Transport

beforeAll(async () => {
  server = await startSshd({ settings: { Banner: '/etc/passwd' } })
  transport = createTransport({ askPassphrase: async () => undefined, env: process.env })
})

afterAll(async () => {
  await transport.close()
  await server[Symbol.asyncDispose]()
})

const MEBIBYTE = 1024 * 1024

/** 50 MiB, no two of them alike. */
function* manyBytes(): Generator<Buffer> {
  for (let index = 0; index < 50; index++) {
    yield Buffer.alloc(MEBIBYTE, createHash('sha256').update(`${index}`).digest())
  }
}

const sha256 = (chunks: Iterable<Buffer>) => {
  const hash = createHash('sha256')
  for (const chunk of chunks) hash.update(chunk)
  return hash.digest('hex')
}

describe.each(['node-ssh', 'openssh', 'local'] as const)('%s', client => {
  const reach = (command: string): Promise<Channel> =>
    transport.reach(destinationOf(server, { client }), command, {})

  test('bytes go both ways unchanged until the input ends', async () => {
    const channel = await reach('cat')
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index))
    channel.input.end(bytes)
    expect(await buffer(channel.output)).toEqual(bytes)
    expect(await channel.ended).toEqual({ kind: 'exited', code: 0 })
  })

  test('the input stays open while nothing is written', async () => {
    const channel = await reach('echo ready; read line; echo "got $line"')
    expect(String(await once(channel.output, 'data'))).toBe('ready\n')
    channel.input.write('word\n')
    expect(await text(channel.output)).toBe('got word\n')
  })

  test('50 MiB go up while the program takes its time', async () => {
    const channel = await reach('sleep 0.3; sha256sum')
    await pipeline(Readable.from(manyBytes()), channel.input)
    expect((await text(channel.output)).split(' ')[0]).toBe(sha256(manyBytes()))
  })

  test('50 MiB come down to a slow reader, to the last byte, before the channel ends', async () => {
    const channel = await reach('head -c 52428800 /dev/zero | tr "\\0" x; echo end >&2; exit 7')
    let ended = false
    void channel.ended.then(() => {
      ended = true
    })
    let length = 0
    for await (const chunk of channel.output) {
      length += chunk.length
      if (length < MEBIBYTE) await new Promise(resolve => setTimeout(resolve, 20))
      expect(ended).toBe(false)
    }
    expect(length).toBe(50 * MEBIBYTE)
    expect(await text(channel.errors)).toBe('end\n')
    expect(await channel.ended).toEqual({ kind: 'exited', code: 7 })
  })

  test('standard error is a stream of its own, without the banner of the server', async () => {
    const channel = await reach('echo out; echo err >&2')
    expect(await Promise.all([text(channel.output), text(channel.errors)])).toEqual(['out\n', 'err\n'])
  })

  test('the status of the program is told', async () => {
    const channel = await reach('exit 3')
    channel.output.resume()
    channel.errors.resume()
    expect(await channel.ended).toEqual({ kind: 'exited', code: 3 })
  })

  test('a command arrives as it was written', async () => {
    const channel = await reach(`printf '%s|' 'a  b' "it's" '$HOME' 'größe' '\\n' '*'`)
    channel.errors.resume()
    expect(await text(channel.output)).toBe("a  b|it's|$HOME|größe|\\n|*|")
  })

  test('a program that ends early ends the writing to it, and how it ended is told', async () => {
    const channel = await reach('exec 0<&-; exit 5')
    channel.output.resume()
    channel.errors.resume()
    await pipeline(Readable.from(manyBytes()), channel.input).catch(() => undefined)
    expect(await channel.ended).toEqual({ kind: 'exited', code: 5 })
    expect(channel.input.destroyed).toBe(true)
  })

  test('every write is called back, also when the program is gone', async () => {
    const channel = await reach('exit 0')
    channel.output.resume()
    channel.errors.resume()
    await channel.ended
    await new Promise<void>(resolve => channel.input.write('late', () => resolve()))
  })

  test('a channel that is closed ends, although nobody reads and the program goes on', async () => {
    const channel = await reach('yes; sleep 5')
    channel.close()
    channel.close()
    expect(await channel.ended).toEqual({ kind: 'lost', reason: 'the channel was closed on this side' })
  })

  test('the program sees the end of its input when the channel is closed', async () => {
    const mark = `/tmp/stage-closed-${server.port}-${client}`
    const channel = await reach(`echo ready; cat > /dev/null; echo over > ${mark}`)
    await once(channel.output, 'data')
    channel.close()
    const seen = await reach(
      `n=0; while [ ! -s ${mark} ] && [ $n -lt 50 ]; do sleep 0.1; n=$((n + 1)); done; cat ${mark}; rm -f ${mark}`,
    )
    expect(await text(seen.output)).toBe('over\n')
  })

  test('a reach that is called off rejects and leaves nothing behind', async () => {
    const controller = new AbortController()
    const reaching = transport.reach(destinationOf(server, { client }), 'cat', { signal: controller.signal })
    controller.abort()
    await expect(reaching).rejects.toMatchObject({ name: 'StageError', code: 'interrupted' })
  })
})

describe.each(['node-ssh', 'local'] as const)('%s', client => {
  test('death by a signal is told apart from an exit', async () => {
    const channel = await transport.reach(destinationOf(server, { client }), 'kill -TERM $$', {})
    channel.output.resume()
    channel.errors.resume()
    expect(await channel.ended).toEqual({ kind: 'signalled', signal: 'SIGTERM' })
  })
})

describe('openssh', () => {
  test('death by a signal is lost: ssh does not tell it from a broken connection', async () => {
    const channel = await transport.reach(destinationOf(server, { client: 'openssh' }), 'kill -TERM $$', {})
    channel.output.resume()
    channel.errors.resume()
    expect(await channel.ended).toMatchObject({ kind: 'lost' })
  })
})

describe.each(['node-ssh', 'openssh'] as const)('%s', client => {
  test('a connection that breaks is lost, never an exit, and what had arrived is delivered', async () => {
    const channel = await transport.reach(destinationOf(server, { client }), 'echo before; exec sleep 20', {})
    await once(channel.output, 'readable')
    await server.killSessions()
    channel.errors.resume()
    expect(await text(channel.output)).toBe('before\n')
    expect((await channel.ended).kind).toBe('lost')
  })

  test('what was sent reaches the program, though the server reads it after the channel was closed', async () => {
    const file = `/tmp/stage-sent-${server.port}-${client}`
    const channel = await transport.reach(destinationOf(server, { client }), `echo ready; cat > ${file}`, {})
    await once(channel.output, 'data')
    const sessions = await sessionsOf(server)
    for (const pid of sessions) process.kill(pid, 'SIGSTOP')
    await new Promise(resolve => channel.input.write('the last word', resolve))
    // Long enough for a client that is a process of its own to pass it on.
    await new Promise(resolve => setTimeout(resolve, 300))
    channel.close()
    await new Promise(resolve => setTimeout(resolve, 300))
    for (const pid of sessions) process.kill(pid, 'SIGCONT')
    await expect.poll(() => readFile(file, 'utf8')).toBe('the last word')
    await rm(file)
  })
})

/** sshd's own processes of every session, and what they started. */
async function sessionsOf({ pid }: SshServer): Promise<readonly number[]> {
  const children = async (parent: number) =>
    (await runProgram(['ps', '-o', 'pid=', '--ppid', `${parent}`])).stdout
      .split('\n')
      .filter(Boolean)
      .map(Number)
  const found: number[] = []
  for (const session of await children(pid)) found.push(session, ...(await children(session)))
  return found
}
