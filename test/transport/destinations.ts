import type { Destination } from '../../src/transport/channel.ts'
import { aDestination } from '../support/a-destination.ts'
import type { SshServer } from '../support/sshd.ts'

/** A destination that needs nothing of this machine's own SSH configuration; `changes` is what a test is about. */
export function destinationOf(server: SshServer, changes: Partial<Destination> = {}): Destination {
  return aDestination({
    address: server.address,
    user: server.user,
    port: server.port,
    identityFile: server.identityFile,
    knownHostsFile: server.knownHostsFile,
    configFile: '/dev/null',
    ...changes,
  })
}
