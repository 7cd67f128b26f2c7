import type { Emit } from '../model/event.ts'
import type { Holder } from '../model/facts.ts'
import { momentText } from '../model/moment.ts'
import type { HostName } from '../model/names.ts'

/** Who holds a lock, since when, what for. */
export function lockedText(lock: string, holder: Holder | undefined): string {
  if (holder === undefined) return `${lock} is locked by a run that did not say who it is`
  const { by, from, pid, sinceMs, command } = holder
  return `${lock} is locked by ${by} from ${from} (process ${pid}) since ${momentText(sinceMs)}: ${command}`
}

interface Waited {
  readonly host: HostName
  readonly lock: string
  readonly holder: Holder | undefined
}

/** Says whom a run waits for, once for each run that it waits for. */
export function tellWaiting(emit: Emit): (held: Waited, leftMs: number) => void {
  let told: string | undefined
  return ({ host, lock, holder }, leftMs) => {
    const run = holder?.run ?? 'unknown'
    if (run === told) return
    told = run
    const message = `${lockedText(lock, holder)}; waiting up to ${Math.ceil(leftMs / 1000)} s for it`
    emit({ type: 'notice', host, message })
  }
}
