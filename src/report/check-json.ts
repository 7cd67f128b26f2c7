import type { Drift, HostCheck, Mend, StageCheck } from '../model/check.ts'
import { momentOf } from '../model/moment.ts'
import type { HostName } from '../model/names.ts'
import { splitWire } from './status-json.ts'
import type { Wire } from './wire.ts'

/** Expected against actual, for programs. The shape is a promise: see `docs/events.md`. */
export function checkAsJson(checks: readonly StageCheck[]): Wire {
  return { v: 1, stages: Object.fromEntries(checks.map(check => [check.stage, stageWire(check)])) }
}

function stageWire({ split, hosts }: StageCheck): Wire {
  return {
    split: split === undefined ? null : splitWire(split),
    hosts: Object.fromEntries([...hosts].map(([host, check]) => [host, hostWire(host, check)])),
  }
}

function hostWire(host: HostName, check: HostCheck): Wire {
  if (check.kind === 'unread') {
    const nothing = { asExpected: null, live: null, builders: [], account: null, clock: null, drift: [] }
    return { reachable: false, error: check.reason, ...nothing }
  }
  const { live, builders, account, clock, drift } = check
  return {
    reachable: true,
    asExpected: drift.every(({ severity }) => severity === 'warning'),
    live: live ?? null,
    builders: builders.map(({ share, host: by, stage, run, atMs }) => ({
      ...{ share, host: by, stage, run },
      at: momentOf(atMs) ?? null,
    })),
    account: { user: account.user, group: account.group, groups: account.groups },
    clock: { offsetMs: clock.offsetMs, errorMs: clock.errorMs },
    drift: drift.map(one => driftWire(host, one)),
  }
}

const driftWire = (host: HostName, { field, expected, actual, severity, recipe, mend }: Drift): Wire => ({
  field,
  expected,
  actual,
  severity,
  recipe: recipe ?? null,
  mend: mendWire(host, mend),
})

function mendWire(host: HostName, mend: Mend): Wire {
  if (mend.kind === 'advice') return { on: null, asRoot: false, command: null, advice: mend.text }
  const { on, command } = mend
  return { on: on === 'runner' ? null : host, asRoot: on === 'host as root', command, advice: null }
}
