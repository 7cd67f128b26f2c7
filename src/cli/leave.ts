import type { ExitCode } from '../model/outcome.ts'
import { killSurvivors } from '../transport/no-survivors.ts'

/**
 * Work of Node's threads (libuv's pool): files, names of hosts, compression. As `process.getActiveResourcesInfo`
 * calls it.
 */
const THREAD_WORK = /^(?:FSReq|GetAddrInfo|GetNameInfo|Zlib|Brotli)/

/**
 * Ends this process at once, and what it has started with it. Node waits at its exit for its threads, and one that
 * hangs in the system (a dead network mount, a pipe that nobody writes to) would hold it up for ever: then a signal
 * ends it, which waits for nobody and is 130 to a shell.
 */
export function leave(exit: ExitCode): void {
  killSurvivors()
  if (!process.getActiveResourcesInfo().some(work => THREAD_WORK.test(work))) process.exit(exit)
  process.removeAllListeners('SIGINT')
  process.kill(process.pid, 'SIGINT')
}
