import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/** A port behind which another server can be put: as when somebody gets between a host and its name. */
export interface Door extends AsyncDisposable {
  readonly port: number
  /** From now on new connections come to this server. */
  leadTo(server: { readonly address: string; readonly port: number }): void
}

export async function makeDoor(first: { readonly address: string; readonly port: number }): Promise<Door> {
  let behind = first
  const server = createServer({ allowHalfOpen: true }, outside => {
    const inside = connect({ host: behind.address, port: behind.port, allowHalfOpen: true })
    for (const socket of [outside, inside]) socket.on('error', () => undefined)
    outside.pipe(inside).pipe(outside)
    outside.on('close', () => inside.destroy())
    inside.on('close', () => outside.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the door has no port')
  return {
    port: address.port,
    leadTo(next) {
      behind = next
    },
    async [Symbol.asyncDispose]() {
      server.close()
    },
  }
}
