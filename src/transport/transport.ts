import { StageError } from '../model/stage-error.ts'
import type { Channel, Destination } from './channel.ts'
import { requireNotAborted } from './deadline.ts'
import { createHandshakeGate } from './handshake-gate.ts'
import { createIdentityStore } from './identity-store.ts'
import { reachLocally } from './local-client.ts'
import { reachWithNodeSsh } from './node-ssh-client.ts'
import { reachWithOpenssh } from './openssh-client.ts'
import { createHostKeyRecorder } from './record-host-key.ts'
import { createSshConnector } from './ssh-connect.ts'

/** Reaches hosts. One for a whole run: it shares keys, jump hosts and the bounds of each server between them. */
export interface Transport {
  /**
   * Connects to a host and starts `command`, a line for the login shell, on it. Bounded by the destination's connect
   * timeout for each server on the way; waiting for one's turn at a busy server, and for a person's passphrase, comes
   * on top.
   *
   * @throws StageError `host-key-unknown`, `host-key-changed`, `host-key-revoked`, `authentication`, `unreachable`,
   *   `connection-lost`, `config`; `interrupted`, or the signal's own StageError, when it was called off
   */
  reach(
    destination: Destination,
    command: string,
    options: { readonly signal?: AbortSignal },
  ): Promise<Channel>
  /** Calls off what is under way and closes every channel; settles when all have ended. */
  close(): Promise<void>
}

export interface TransportDeps {
  /** Asks a person for the passphrase of a key file. @returns undefined where nobody can be asked */
  readonly askPassphrase: (keyFile: string) => Promise<string | undefined>
  readonly env: NodeJS.ProcessEnv
  /** In [0, 1), for the pauses between attempts. */
  readonly random?: () => number
}

export function createTransport({ askPassphrase, env, random = Math.random }: TransportDeps): Transport {
  const gate = createHandshakeGate({ random })
  const identities = createIdentityStore({ askPassphrase })
  const recorder = createHostKeyRecorder()
  const connectAlong = createSshConnector({ identities, gate, recorder })
  const closing = new AbortController()
  const open = new Set<Channel>()
  const start = (destination: Destination, command: string, signal: AbortSignal): Promise<Channel> => {
    switch (destination.client) {
      case 'node-ssh':
        return reachWithNodeSsh(destination, command, { env, connectAlong, signal })
      case 'openssh':
        return reachWithOpenssh(destination, command, { env, gate, recorder, signal })
      case 'local':
        return reachLocally(destination, command, { env, signal })
    }
  }
  return {
    async reach(destination, command, options) {
      // One for each reach, however many share the caller's: Node warns of a signal with many listeners.
      const signal = AbortSignal.any(
        options.signal === undefined ? [closing.signal] : [options.signal, closing.signal],
      )
      requireNotAborted(signal)
      requireNodeSsh(destination)
      const channel = await start(destination, command, signal)
      open.add(channel)
      void channel.ended.then(() => open.delete(channel))
      // It opened while everything was being closed.
      if (closing.signal.aborted) channel.close()
      return channel
    },
    async close() {
      closing.abort(new StageError('interrupted', 'all connections were closed'))
      const channels = [...open]
      for (const channel of channels) channel.close()
      await Promise.all(channels.map(channel => channel.ended))
    },
  }
}

/** Another client would log in as it always does: a key that is to be left out would not be. */
function requireNodeSsh({ host, client, login }: Destination): void {
  if (login === undefined || client === 'node-ssh') return
  throw new StageError('config', `client: '${client}' cannot be told with which key or password to log in`, {
    host,
    hint: "set client: 'node-ssh' for this host",
  })
}
