import type {
  Freeze,
  Link,
  Observation,
  StageFacts,
  SwitchKind,
  SwitchRecord,
} from '../../src/model/facts.ts'
import type { HostName, RevisionName } from '../../src/model/names.ts'
import { digestOf, factsOf, noon, seen, versionOf } from './builders.ts'

/** A stage as somebody froze it. */
export const frozen: Freeze = {
  run: 'r0',
  by: 'ben',
  from: 'desk',
  command: 'deploy lock',
  reason: 'the sale',
  sinceMs: noon,
}

/** One line of a stage's history; `from` and `id` follow from the lines before unless they are given. */
export interface Move {
  readonly kind: SwitchKind
  readonly to: RevisionName
  readonly state: SwitchRecord['state']
  readonly changes: Partial<SwitchRecord>
}

const move =
  (kind: SwitchKind, state: SwitchRecord['state']) =>
  (version: string, changes: Partial<SwitchRecord> = {}): Move => ({
    kind,
    to: `shop-${version}`,
    state,
    changes,
  })

/** A deploy that was kept. */
export const deployed = move('deploy', 'kept')
export const rolledBack = move('rollback', 'kept')
/** A deploy that failed after the switch. */
export const putBack = move('deploy', 'put-back')
/** A deploy whose host died between the rename and the end. */
export const leftOpen = move('deploy', 'open')

/** A deploy whose put back was tried and failed. */
export const stuckOpen = (version: string): Move =>
  leftOpen(version, { putBackFailed: 'switching the link: permission denied' })

/**
 * What a host says of a stage after these moves, oldest first, replayed as the remote end replays its journal. The
 * link names what was kept last; after an open switch what that one names (it was fired).
 */
export function aStageHistory(
  moves: readonly Move[],
  changes: Partial<StageFacts> & { readonly hosts?: readonly HostName[] } = {},
): StageFacts {
  const { hosts = ['web1', 'web2'], ...facts } = changes
  let stack: readonly RevisionName[] = []
  let lived: readonly RevisionName[] = []
  let live: RevisionName | undefined
  const switches: SwitchRecord[] = []
  for (const { kind, to, state, changes: own } of moves) {
    const number = switches.length + 1
    const names = { from: live, to, recovers: undefined }
    const record = { id: `s${number}`, kind, stage: 'production', ...names, hosts, state, ...own }
    switches.unshift({
      except: [],
      exception: undefined,
      atMs: noon - 60_000 + number,
      by: 'ana',
      putBackFailed: undefined,
      undo: [],
      ...record,
    })
    if (record.state !== 'put-back') live = to
    if (record.state !== 'kept') continue
    stack = kind === 'rollback' && stack.includes(to) ? stack.slice(stack.indexOf(to)) : [to, ...stack]
    lived = [to, ...lived.filter(revision => revision !== to)]
  }
  return {
    link: live === undefined ? { kind: 'absent' } : linkTo(live),
    stack,
    wasLive: lived.map(revision => ({
      ...{ revision, sha256: digestOf(versionOf(revision)), takenBack: false },
    })),
    switches,
    undone: [],
    lock: undefined,
    frozen: undefined,
    ...facts,
  }
}

export const linkTo = (revision: RevisionName): Link => ({
  kind: 'link',
  text: revision,
  revision,
  dangling: false,
})

/** Both hosts of `aTarget` with one and the same history of production. */
export const bothAfter = (...moves: readonly Move[]): ReadonlyMap<HostName, Observation> =>
  seen(
    factsOf('web1', { production: aStageHistory(moves) }),
    factsOf('web2', { production: aStageHistory(moves) }),
  )
