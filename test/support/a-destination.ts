import type { Destination } from '../../src/transport/channel.ts'

/** Web1, of which nothing is said but its address: all else is what the configuration takes by default. */
export const aDestination = (changes: Partial<Destination> = {}): Destination => ({
  host: 'web1',
  client: 'node-ssh',
  address: 'web1.example.com',
  user: undefined,
  port: undefined,
  identityFile: undefined,
  knownHostsFile: undefined,
  configFile: undefined,
  jump: undefined,
  hostKeys: 'strict',
  connectTimeoutMs: 10_000,
  forwardAgent: false,
  keepAliveMs: 30_000,
  ...changes,
})
