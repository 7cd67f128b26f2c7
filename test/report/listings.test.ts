import { expect, test } from 'vitest'
import type { RevisionFacts, SwitchRecord } from '../../src/model/facts.ts'
import type { HostListing } from '../../src/model/status.ts'
import { formatHistory, historyAsJson } from '../../src/report/history-table.ts'
import { withoutColour } from '../../src/report/paint.ts'
import { formatRevisions, revisionsAsJson } from '../../src/report/revisions-table.ts'
import { noon } from './builders.ts'

const options = { columns: 130, paint: withoutColour }

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

const aSwitch = (changes: Partial<SwitchRecord> = {}): SwitchRecord => ({
  id: '20261120T120000Z-4f2c',
  kind: 'deploy',
  stage: 'production',
  from: 'shop-1.3.0',
  to: 'shop-1.4.0',
  recovers: undefined,
  hosts: ['web1', 'web2'],
  except: [],
  exception: undefined,
  atMs: noon,
  by: 'ana',
  state: 'kept',
  putBackFailed: undefined,
  undo: [],
  ...changes,
})

const read = <Item>(host: string, ...items: readonly Item[]): HostListing<Item> => ({
  kind: 'read',
  host,
  items,
})
const unread = { kind: 'unread', host: 'web3', reason: 'connection refused' } as const

test('a revision that is the same on several hosts is one row, and what differs has its own', () => {
  const rejected = aRevision('shop-1.5.0', {
    verdict: 'rejected',
    why: 'unittest failed',
    atMs: noon + 60_000,
  })
  const listings = [
    read('web1', aRevision('shop-1.4.0'), aRevision('shop-1.3.0', { atMs: noon - 86_400_000 })),
    read('web2', aRevision('shop-1.4.0', { atMs: noon + 5_000 }), rejected),
    unread,
  ]
  expect(`\n${formatRevisions(listings, options)}\n`).toMatchInlineSnapshot(`
    "
    revision    verdict                    sha256        python  made                  hosts
    shop-1.5.0  rejected: unittest failed  9f86d081884c  3.11    2026-11-20 12:01:00Z  web2
    shop-1.4.0  verified                   9f86d081884c  3.11    2026-11-20 12:00:00Z  web1, web2
    shop-1.3.0  verified                   9f86d081884c  3.11    2026-11-19 12:00:00Z  web1
    ✖ web3 could not be read: connection refused
    "
  `)
})

test('no revisions at all is a sentence, not an empty table', () => {
  expect(formatRevisions([read('web1')], options)).toBe('No revisions.')
})

test('one switch of several hosts is one row, newest first', () => {
  const undone = aSwitch({
    id: '20261120T130000Z-aa01',
    to: 'shop-1.5.0',
    atMs: noon + 3_600_000,
    state: 'put-back',
    undo: [{ of: 'activate/1', ok: false, reason: 'exit 1' }],
  })
  const listings = [
    read('web1', undone, aSwitch()),
    read('web2', { ...undone, undo: [] }, aSwitch({ from: undefined })),
    read('web4', aSwitch({ id: 'x', kind: 'rollback', state: 'open', atMs: noon + 60_000 })),
    unread,
  ]
  expect(`\n${formatHistory(listings, options)}\n`).toMatchInlineSnapshot(`
    "
    when                  what      from              to          by   ended
    2026-11-20 13:00:00Z  deploy    shop-1.3.0        shop-1.5.0  ana  put back on web1, web2; 1 not undone
    2026-11-20 12:01:00Z  rollback  shop-1.3.0        shop-1.4.0  ana  open on web4
    2026-11-20 12:00:00Z  deploy    shop-1.3.0, none  shop-1.4.0  ana  kept on web1, web2
    ✖ web3 could not be read: connection refused
    "
  `)
})

test('for programs every host has its own list', () => {
  expect(
    revisionsAsJson('production', [read('web1', aRevision('shop-1.4.0')), unread]),
  ).toMatchInlineSnapshot(`
    {
      "hosts": {
        "web1": {
          "reachable": true,
          "revisions": [
            {
              "at": "2026-11-20T12:00:00.000Z",
              "name": "shop-1.4.0",
              "project": "shop",
              "python": "3.11",
              "sha256": "9f86d081884c7d659a2feaa0c55ad015",
              "stands": true,
              "verdict": "verified",
              "version": "1.4.0",
              "why": null,
            },
          ],
        },
        "web3": {
          "error": "connection refused",
          "reachable": false,
          "revisions": [],
        },
      },
      "stage": "production",
      "v": 1,
    }
  `)
  expect(
    historyAsJson('production', [read('web1', aSwitch({ from: undefined })), unread]),
  ).toMatchInlineSnapshot(`
    {
      "hosts": {
        "web1": {
          "reachable": true,
          "switches": [
            {
              "at": "2026-11-20T12:00:00.000Z",
              "by": "ana",
              "except": [],
              "exception": null,
              "from": null,
              "hosts": [
                "web1",
                "web2",
              ],
              "id": "20261120T120000Z-4f2c",
              "kind": "deploy",
              "recovers": null,
              "state": "kept",
              "to": "shop-1.4.0",
              "undo": [],
            },
          ],
        },
        "web3": {
          "error": "connection refused",
          "reachable": false,
          "switches": [],
        },
      },
      "stage": "production",
      "v": 1,
    }
  `)
})
