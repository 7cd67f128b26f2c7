import { once } from 'node:events'
import { startBootedFleet } from '../../support/booted/booted-fleet.ts'

// A program to be killed: boots a host that reaches what this machine reaches, says where it is, and takes it away at
// end of input.
const fleet = await startBootedFleet(['web1'], { wayOut: true })
const [host] = fleet.hosts
process.stdout.write(`${JSON.stringify({ directory: fleet.directory, address: host?.address })}\n`)
process.stdin.resume()
await once(process.stdin, 'end')
await fleet[Symbol.asyncDispose]()
