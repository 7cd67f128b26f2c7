import { connect } from 'node:net'

/** Long enough for a busy machine, short enough to ask again. */
const PATIENCE_MS = 2_000

/** Whether an SSH server answers there: its first bytes are `SSH-` (RFC 4253, 4.2). */
export function speaksSsh(address: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host: address, port })
    const settle = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(PATIENCE_MS, () => settle(false))
    socket.on('error', () => settle(false))
    socket.on('close', () => settle(false))
    socket.once('data', (chunk: Buffer) => settle(chunk.toString('latin1').startsWith('SSH-')))
  })
}
