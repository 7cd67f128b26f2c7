import { connect, type Socket } from 'node:net'
import type { SshRoute } from './ssh-route.ts'

/**
 * Starts to connect; whoever uses the socket hears of success and failure. Nagle's algorithm is off: every request is
 * one small write, which it would hold back for as long as 40 ms.
 *
 * @param timeoutMs a fourth of it is given to each of several addresses before the next is tried beside it; Node's own
 *   0.25 s would give up hosts behind slow lines
 */
export function openTcp(route: SshRoute, timeoutMs: number): Socket {
  return connect({
    host: route.hostName,
    port: route.port,
    noDelay: true,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: Math.max(250, Math.ceil(timeoutMs / 4)),
    ...(route.addressFamily === 0 ? {} : { family: route.addressFamily }),
    ...(route.bindAddress === undefined ? {} : { localAddress: route.bindAddress }),
  })
}
