import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { type FleetKind, startFleet } from '../support/fleet.ts'

// A program to be killed: starts a fleet of a kind, runs a command on every host, says what it holds when the
// command is under way, and disposes of it at
// end of input. Its clients must see the hosts go.
const [, , kind, command = 'true'] = process.argv
const fleetKind: FleetKind = kind === 'loopback' ? 'loopback' : 'namespaces'
const fleet = await startFleet(['web1', 'web2'], { kind: fleetKind })
const sessions: Promise<unknown>[] = []
for (const host of fleet.hosts) {
  const [program = '', ...args] = fleet.sshTo(host.name, command)
  sessions.push(once(spawn(program, args, { stdio: 'ignore' }), 'close'))
  while (!(await host.processes()).some(process => process.command === 'sleep 1235')) await sleep(20)
}
const addresses = fleet.hosts.map(host => host.address)
process.stdout.write(`${JSON.stringify({ directory: fleet.directory, addresses })}\n`)
process.stdin.resume()
await once(process.stdin, 'end')
await fleet[Symbol.asyncDispose]()
await Promise.all(sessions)
