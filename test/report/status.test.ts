import { expect, test } from 'vitest'
import type { RevisionFacts } from '../../src/model/facts.ts'
import type { HostStatus, StageStatus } from '../../src/model/status.ts'
import { withoutColour } from '../../src/report/paint.ts'
import { statusAsJson } from '../../src/report/status-json.ts'
import { formatStatus } from '../../src/report/status-table.ts'
import { noon } from './builders.ts'

type ReadHost = HostStatus & { readonly kind: 'read' }

const aRevision = (name: string, changes: Partial<RevisionFacts> = {}): RevisionFacts => ({
  name,
  project: 'shop',
  version: name.replace('shop-', ''),
  sha256: '9f86d081884c7d659a2feaa0c55ad015',
  verdict: 'verified',
  stands: true,
  why: undefined,
  python: '3.11',
  shared: [],
  atMs: noon,
  ...changes,
})

const aHost = (changes: Partial<ReadHost> = {}): HostStatus => ({
  kind: 'read',
  link: { kind: 'link', text: 'shop-1.4.0', revision: 'shop-1.4.0', dangling: false },
  live: 'shop-1.4.0',
  previous: 'shop-1.3.0',
  open: [],
  putBackFailed: undefined,
  undo: [],
  revisions: [aRevision('shop-1.4.0'), aRevision('shop-1.3.0')],
  lock: undefined,
  frozen: undefined,
  ...changes,
})

const aStage = (
  hosts: Readonly<Record<string, HostStatus>>,
  changes: Partial<StageStatus> = {},
): StageStatus => ({
  stage: 'production',
  uniform: false,
  split: undefined,
  moreSplits: [],
  hosts: new Map(Object.entries(hosts)),
  ...changes,
})

const lock = {
  run: '20261120T115700Z-4f2c',
  by: 'ana',
  from: 'laptop',
  pid: 4211,
  command: 'deploy production',
  sinceMs: noon - 180_000,
}

const unreachable: HostStatus = {
  kind: 'unread',
  code: 'unreachable',
  reason: 'connection refused by web2.example.com:22',
  hint: 'is it up?',
}

const split = {
  id: '20261119T080000Z-77aa',
  from: 'shop-1.3.0',
  to: 'shop-1.4.0',
  atMs: noon - 86_400_000,
  hosts: new Map([
    ['web1', 'kept'],
    ['web2', 'open'],
  ] as const),
}

const shown = (...stages: readonly StageStatus[]) =>
  `\n${formatStatus(stages, { columns: 110, paint: withoutColour, nowMs: noon })}\n`

test('a stage whose hosts are all live on one revision is uniform', () => {
  expect(shown(aStage({ web1: aHost(), web2: aHost() }, { uniform: true }))).toMatchInlineSnapshot(`
    "
    production  uniform
      host  live        verdict   previous    lock
      web1  shop-1.4.0  verified  shop-1.3.0  free
      web2  shop-1.4.0  verified  shop-1.3.0  free
    "
  `)
})

test('hosts that could not be read, a lock and a link that is none are named', () => {
  const stage = aStage({
    web1: aHost({ lock }),
    web2: unreachable,
    web3: aHost({ live: undefined, link: { kind: 'directory' }, previous: undefined, lock }),
    web4: aHost({
      live: undefined,
      link: { kind: 'link', text: '../old', revision: undefined, dangling: true },
    }),
  })
  expect(shown(stage)).toMatchInlineSnapshot(`
    "
    production  not all hosts could be read
      host  live         verdict   previous    lock
      web1  shop-1.4.0   verified  shop-1.3.0  ana, 3 min 00 s ago
      web2  not read     –         –           –
      web3  a directory  –         none        ana, 3 min 00 s ago
      web4  → ../old     –         shop-1.3.0  free
      ! web1, web3: locked by ana on laptop (pid 4211) since 2026-11-20 11:57:00Z, 3 min 00 s ago: deploy production (run 20261120T115700Z-4f2c)
      ! web2: connection refused by web2.example.com:22
        → is it up?
      ! web4: the link names nothing that is there
    "
  `)
})

test('a split is said with the commands that mend it', () => {
  const stage = aStage({ web1: aHost(), web2: aHost({ live: 'shop-1.3.0', open: [split.id] }) }, { split })
  expect(shown(stage)).toMatchInlineSnapshot(`
    "
    production  split
      host  live        verdict   previous    lock
      web1  shop-1.4.0  verified  shop-1.3.0  free
      web2  shop-1.3.0  verified  shop-1.3.0  free
      ✖ the switch 20261119T080000Z-77aa of 2026-11-19 12:00:00Z, shop-1.3.0 → shop-1.4.0, is split: kept on web1; open on web2
        → deploy recover production --back
        → deploy recover production --forward
    "
  `)
})

test('several splits are said in the order in which they are mended', () => {
  const older = { ...split, id: '20261118T080000Z-11bb', hosts: new Map([['web2', 'unread']] as const) }
  const web1 = aHost({ open: [split.id, older.id] })
  const stage = aStage({ web1 }, { split, moreSplits: [older] })
  expect(shown(stage)).toMatchInlineSnapshot(`
    "
    production  split
      host  live        verdict   previous    lock
      web1  shop-1.4.0  verified  shop-1.3.0  free
      ✖ the switch 20261119T080000Z-77aa of 2026-11-19 12:00:00Z, shop-1.3.0 → shop-1.4.0, is split: kept on web1; open on web2
        → deploy recover production --back
        → deploy recover production --forward
      ✖ the switch 20261118T080000Z-11bb of 2026-11-19 12:00:00Z, shop-1.3.0 → shop-1.4.0, is split too: not read on web2
        → the same command, run again, mends the next
    "
  `)
})

test('a host that could not be put back is said with the reason', () => {
  const hosts = new Map([
    ['web1', 'stuck'],
    ['web2', 'put-back'],
  ] as const)
  const web1 = aHost({ open: [split.id], putBackFailed: 'switching the link: read-only file system' })
  const stage = aStage({ web1, web2: aHost({ live: 'shop-1.3.0' }) }, { split: { ...split, hosts } })
  expect(shown(stage)).toMatchInlineSnapshot(`
    "
    production  split
      host  live        verdict   previous    lock
      web1  shop-1.4.0  verified  shop-1.3.0  free
      web2  shop-1.3.0  verified  shop-1.3.0  free
      ✖ the switch 20261119T080000Z-77aa of 2026-11-19 12:00:00Z, shop-1.3.0 → shop-1.4.0, is split: could not be put back on web1; put back on web2
        → deploy recover production --back
        → deploy recover production --forward
      ! web1: the link could not be put back: switching the link: read-only file system
    "
  `)
})

test('a frozen stage is said with who froze it, why, and the command that ends it', () => {
  const frozen = {
    run: '20261120T080000Z-1d2e',
    by: 'ben',
    from: 'desk',
    command: 'deploy lock production',
    reason: 'the sale',
    sinceMs: noon - 14_400_000,
  }
  const everywhere = aStage({ web1: aHost({ frozen }), web2: aHost({ frozen, lock }) }, { uniform: true })
  const somewhere = aStage({ web1: aHost({ frozen }), web2: aHost() }, { uniform: true })
  expect(shown(everywhere, somewhere)).toMatchInlineSnapshot(`
    "
    production  uniform
      host  live        verdict   previous    lock
      web1  shop-1.4.0  verified  shop-1.3.0  frozen
      web2  shop-1.4.0  verified  shop-1.3.0  ana, 3 min 00 s ago
      ! frozen by ben on desk since 2026-11-20 08:00:00Z, 4 h 00 min ago: the sale
        → deploy unlock production
      ! web2: locked by ana on laptop (pid 4211) since 2026-11-20 11:57:00Z, 3 min 00 s ago: deploy production (run 20261120T115700Z-4f2c)

    production  uniform
      host  live        verdict   previous    lock
      web1  shop-1.4.0  verified  shop-1.3.0  frozen
      web2  shop-1.4.0  verified  shop-1.3.0  free
      ! web1: frozen by ben on desk since 2026-11-20 08:00:00Z, 4 h 00 min ago: the sale
        → deploy unlock production
    "
  `)
})

test('what a host did without its runner, and a live revision that does not stand, are said', () => {
  const broken = aRevision('shop-1.4.0', { stands: false, why: 'its interpreter /usr/bin/python3.9 is gone' })
  const stage = aStage({
    web1: aHost({ undo: [{ of: 'activate/1', ok: false, reason: 'exit 1' }] }),
    web2: aHost({ open: ['20261119T080000Z-77aa'], revisions: [broken] }),
  })
  expect(shown(stage)).toMatchInlineSnapshot(`
    "
    production  hosts differ
      host  live        verdict         previous    lock
      web1  shop-1.4.0  verified        shop-1.3.0  free
      web2  shop-1.4.0  does not stand  shop-1.3.0  free
      ! web1: the undo of activate/1 failed: exit 1
      ! web2: the switch 20261119T080000Z-77aa was never kept: the next run puts it back first
      ! web2: its interpreter /usr/bin/python3.9 is gone
    "
  `)
})

test('a step that is not undone is no undo that failed', () => {
  const undo = [{ of: 'activate/1', ok: false, reason: 'not undone yet' }]
  const stage = aStage({ web1: aHost({ undo, lock }), web2: aHost({ undo }) })
  expect(shown(stage).match(/activate.*/g)).toStrictEqual([
    'activate/1 is not undone yet',
    'activate/1 is not undone: the remote end died before that',
  ])
})

test('for programs every host has every key, whether it could be read or not', () => {
  const stage = aStage({ web1: aHost({ open: [split.id], lock }), web2: unreachable }, { split })
  expect(statusAsJson([stage, aStage({}, { stage: 'staging', uniform: true })])).toMatchInlineSnapshot(`
    {
      "stages": {
        "production": {
          "hosts": {
            "web1": {
              "frozen": null,
              "live": "shop-1.4.0",
              "lock": {
                "by": "ana",
                "command": "deploy production",
                "from": "laptop",
                "pid": 4211,
                "run": "20261120T115700Z-4f2c",
                "since": "2026-11-20T11:57:00.000Z",
              },
              "open": "20261119T080000Z-77aa",
              "previous": "shop-1.3.0",
              "reachable": true,
              "revisions": [
                {
                  "name": "shop-1.4.0",
                  "sha256": "9f86d081884c7d659a2feaa0c55ad015",
                  "verdict": "verified",
                  "version": "1.4.0",
                },
                {
                  "name": "shop-1.3.0",
                  "sha256": "9f86d081884c7d659a2feaa0c55ad015",
                  "verdict": "verified",
                  "version": "1.3.0",
                },
              ],
            },
            "web2": {
              "error": "connection refused by web2.example.com:22",
              "frozen": null,
              "live": null,
              "lock": null,
              "open": null,
              "previous": null,
              "reachable": false,
              "revisions": [],
            },
          },
          "split": {
            "at": "2026-11-19T12:00:00.000Z",
            "from": "shop-1.3.0",
            "hosts": [
              "web1",
              "web2",
            ],
            "id": "20261119T080000Z-77aa",
            "to": "shop-1.4.0",
          },
          "uniform": false,
        },
        "staging": {
          "hosts": {},
          "split": null,
          "uniform": true,
        },
      },
      "v": 1,
    }
  `)
})

test('a stage that was never switched has no link anywhere, and is not called different', () => {
  const bare = aHost({ link: { kind: 'absent' }, live: undefined, previous: undefined, revisions: [] })
  expect(shown(aStage({ web1: bare, web2: bare }))).toMatchInlineSnapshot(`
    "
    production  never switched
      host  live  verdict  previous  lock
      web1  none  –        none      free
      web2  none  –        none      free
    "
  `)
})
