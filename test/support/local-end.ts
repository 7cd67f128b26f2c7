import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { remoteProgram, startCommand } from '../../src/remote/bundle.ts'
import type { ByteChannel, ByteChannelEnd } from '../../src/remote/byte-channel.ts'
import type { RemoteEnd } from '../../src/remote/remote-end.ts'
import { startRemoteEnd } from '../../src/remote/start-remote-end.ts'

/** The real remote end on this machine, as a login shell would start it, and its connection. */
export interface LocalEnd {
  readonly end: RemoteEnd
  readonly channel: ByteChannel
  readonly pid: number | undefined
}

export async function localEnd(
  host: string,
  {
    python = '/usr/bin/python3',
    shell = '/bin/sh',
  }: { readonly python?: string; readonly shell?: string } = {},
): Promise<LocalEnd> {
  const program = await remoteProgram()
  const nonce = randomBytes(16).toString('hex')
  const { channel, pid } = localChannel(shell, startCommand({ python, program, nonce }))
  const end = await startRemoteEnd(channel, program, nonce, {
    host,
    heartbeatMs: 30_000,
    startTimeoutMs: 20_000,
  })
  return { end, channel, pid }
}

/** The same after `open`, for this root. */
export async function openedLocalEnd(
  host: string,
  settings: { readonly root: string; readonly project: string; readonly run?: string },
): Promise<LocalEnd> {
  const local = await localEnd(host)
  await local.end.request('open', {
    protocol: 1,
    root: settings.root,
    project: settings.project,
    host,
    heartbeatMs: 30_000,
    forwardAgent: false,
    holder: {
      run: settings.run ?? 'r1',
      by: 'ana',
      from: 'laptop',
      pid: process.pid,
      command: 'deploy staging',
      sinceMs: 1_800_000_000_000,
    },
  })
  return local
}

function localChannel(
  shell: string,
  command: string,
): { readonly channel: ByteChannel; readonly pid: number | undefined } {
  const child = spawn(shell, ['-c', command])
  const { stdin: input, stdout: output, stderr: errors } = child
  const ended = new Promise<ByteChannelEnd>(resolve => {
    child.once('error', error => resolve({ kind: 'lost', reason: error.message }))
    child.once('close', (code, signal) =>
      resolve(code === null ? { kind: 'signalled', signal: String(signal) } : { kind: 'exited', code }),
    )
  })
  const close = () => {
    for (const stream of [input, output, errors]) stream.destroy()
  }
  return { channel: { input, output, errors, ended, close }, pid: child.pid }
}
