import type { Emit } from '../model/event.ts'
import { formatDuration } from './duration.ts'
import type { Reporter } from './event-stream.ts'

const LOOK_MS = 500

/** The least that a configuration may call `heartbeat`: as long as this no host waits for anything worse. */
const WORTH_SAYING_MS = 3_000

const BEGIN = 'this runner stood still for '

const standstillMessage = (stoodMs: number): string =>
  `${BEGIN}${formatDuration(stoodMs)}; a host that heard nothing of it for \`heartbeat\` has given it up and put itself back`

/** Is this what is said of a runner that stood still? */
export const tellsOfStandstill = (message: string): boolean => message.startsWith(BEGIN)

/**
 * Says when the runner itself has stood still: Ctrl-Z, SIGSTOP, a suspended machine, one that is busy beyond all bounds. Hosts
 * that have put themselves back meanwhile are not to blame, and what they say does not tell why.
 *
 * @param clock milliseconds; of a kind that goes on while the machine sleeps, as the time of day does
 */
export function createStandstillNotice(emit: Emit, clock: () => number): Reporter {
  let timer: NodeJS.Timeout | undefined
  let lastMs = 0
  const look = () => {
    const nowMs = clock()
    const stoodMs = nowMs - lastMs - LOOK_MS
    lastMs = nowMs
    if (stoodMs < WORTH_SAYING_MS) return
    emit({ type: 'notice', host: undefined, message: standstillMessage(stoodMs) })
  }
  return {
    handle: ({ type }) => {
      if (type !== 'run-started' || timer !== undefined) return
      lastMs = clock()
      // It must not keep the process alive.
      timer = setInterval(look, LOOK_MS).unref()
    },
    end: () => clearInterval(timer),
  }
}
