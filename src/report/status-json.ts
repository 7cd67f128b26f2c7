import type { Freeze, Holder } from '../model/facts.ts'
import { momentOf } from '../model/moment.ts'
import type { HostStatus, SplitStatus, StageStatus } from '../model/status.ts'
import type { Wire } from './wire.ts'

/** How stages stand, for programs. The shape is a promise: see `docs/events.md`. */
export function statusAsJson(statuses: readonly StageStatus[]): Wire {
  return { v: 1, stages: Object.fromEntries(statuses.map(status => [status.stage, stageWire(status)])) }
}

function stageWire({ uniform, split, hosts }: StageStatus): Wire {
  return {
    uniform,
    split: split === undefined ? null : splitWire(split),
    hosts: Object.fromEntries([...hosts].map(([host, status]) => [host, hostWire(status)])),
  }
}

/** A split, for programs. */
export function splitWire({ id, from, to, atMs, hosts }: SplitStatus): Wire {
  return { id, from: from ?? null, to: to ?? null, at: momentOf(atMs) ?? null, hosts: [...hosts.keys()] }
}

function hostWire(status: HostStatus): Wire {
  if (status.kind === 'unread') {
    const nothing = {
      live: null,
      moved: null,
      previous: null,
      open: null,
      revisions: [],
      lock: null,
      frozen: null,
    }
    return { reachable: false, error: status.reason, ...nothing }
  }
  const { live, moved, previous, open, revisions, lock, frozen } = status
  return {
    reachable: true,
    live: live ?? null,
    moved: moved === undefined ? null : { recorded: moved.recorded ?? null },
    previous: previous ?? null,
    open: open[0] ?? null,
    revisions: revisions.map(({ name, version, verdict, sha256 }) => ({ name, version, verdict, sha256 })),
    lock: lock === undefined ? null : holderWire(lock),
    frozen: frozen === undefined ? null : freezeWire(frozen),
  }
}

const freezeWire = ({ run, by, from, command, reason, sinceMs }: Freeze): Wire => ({
  run,
  by,
  from,
  command,
  reason,
  since: momentOf(sinceMs) ?? null,
})

const holderWire = ({ run, by, from, pid, command, sinceMs }: Holder): Wire => ({
  run,
  by,
  from,
  pid,
  command,
  since: momentOf(sinceMs) ?? null,
})
