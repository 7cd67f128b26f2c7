import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { StageCheck } from '../../src/model/check.ts'
import type { Event } from '../../src/model/event.ts'
import type { StageStatus } from '../../src/model/status.ts'
import { checkAsJson } from '../../src/report/check-json.ts'
import { eventAsJsonLine } from '../../src/report/json-lines.ts'
import { statusAsJson } from '../../src/report/status-json.ts'
import { aProblem, at, exit1, liveOn, noon } from './builders.ts'

const document = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8')
const examples = [...document.matchAll(/```json\n([^`]*)```/g)].map(([, text = '']) => text)
const keysOf = (value: unknown) => Object.keys(Object(value))

/** One of each: a new type of event does not compile until it is here, and fails until it is documented. */
const oneOfEach: { readonly [Type in Event['type']]: Event } = {
  'run-started': at(0).runStarted(['web1']),
  'host-connected': at(0).connected('web1'),
  'phase-started': at(0).phaseStarted('build', ['web1']),
  'phase-finished': at(0).phaseFinished('build', 1),
  'step-started': at(0).stepStarted('web1'),
  waiting: at(0).waiting('web2', 'web1'),
  progress: at(0).progress('web1', 1, 2),
  output: at(0).output('web1', 'line'),
  'step-finished': at(0).stepFinished('web1', exit1),
  'command-finished': {
    ...{ type: 'command-finished', atMs: noon, host: 'web1', outcome: exit1, code: 1, durationMs: 1 },
  },
  switched: at(0).switched('web1'),
  'put-back': at(0).putBack('web1'),
  kept: { type: 'kept', atMs: noon, host: 'web1', live: 'shop-1.4.0' },
  rejected: at(0).rejected('web1'),
  notice: at(0).notice('message'),
  problem: at(0).problem(aProblem('web1', 'message')),
  'run-finished': at(0).runFinished(0, { web1: liveOn('shop-1.4.0') }),
}

const documented = new Map(
  examples
    .flatMap(text => text.trim().split('\n'))
    .filter(line => line.startsWith('{"v":1,"type"'))
    .map(line => {
      const example: unknown = JSON.parse(line)
      const type = keysOf(example).includes('type') ? String(Object(example).type) : ''
      return [type, keysOf(example)]
    }),
)

test.each(Object.entries(oneOfEach))('the example of %s has the fields that are written', (type, event) => {
  expect(documented.get(type)?.toSorted()).toEqual(keysOf(JSON.parse(eventAsJsonLine(event))).toSorted())
})

test('every event in the document is one that exists', () => {
  expect([...documented.keys()].toSorted()).toEqual(Object.keys(oneOfEach).toSorted())
})

test('the example of status is what status writes', () => {
  const example = examples.find(text => text.includes('"stages"')) ?? ''
  const status: StageStatus = {
    stage: 'production',
    uniform: false,
    split: {
      id: '20261119T080000Z-77aa',
      from: 'shop-1.3.0',
      to: 'shop-1.4.0',
      atMs: Date.UTC(2026, 10, 19, 8),
      hosts: new Map([
        ['web1', 'kept'],
        ['web2', 'unread'],
      ] as const),
    },
    moreSplits: [],
    hosts: new Map([
      [
        'web1',
        {
          kind: 'read',
          link: { kind: 'link', text: 'shop-1.4.0', revision: 'shop-1.4.0', dangling: false },
          live: 'shop-1.4.0',
          moved: undefined,
          previous: 'shop-1.3.0',
          open: [],
          putBackFailed: undefined,
          undo: [],
          revisions: [
            {
              name: 'shop-1.4.0',
              project: 'shop',
              version: '1.4.0',
              sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
              verdict: 'verified',
              stands: true,
              why: undefined,
              python: '3.11',
              shared: [],
              atMs: noon,
            },
          ],
          lock: {
            run: '20261120T115700Z-4f2c',
            by: 'ana',
            from: 'laptop',
            pid: 4211,
            command: 'deploy production',
            sinceMs: noon - 180_000,
          },
          frozen: {
            run: '20261120T080000Z-1d2e',
            by: 'ben',
            from: 'desk',
            command: "deploy lock production --reason 'the sale'",
            reason: 'the sale',
            sinceMs: noon - 14_400_000,
          },
        },
      ],
      ['web2', { kind: 'unread', code: 'unreachable', reason: 'connection refused', hint: undefined }],
    ]),
  }
  expect(statusAsJson([status])).toEqual(JSON.parse(example))
})

test('the example of check is what check writes', () => {
  const example = examples.find(text => text.includes('"drift"')) ?? ''
  const check: StageCheck = {
    stage: 'production',
    split: undefined,
    hosts: new Map([
      [
        'web1',
        {
          kind: 'read',
          live: 'shop-1.4.0',
          builders: [
            {
              share: 'wheels',
              host: 's1',
              stage: 'staging',
              run: '20261119T080000Z-77aa',
              atMs: noon - 100_800_000,
            },
          ],
          account: { user: 'deploy', group: 'deploy', groups: ['deploy', 'www-data'] },
          clock: { offsetMs: 12, errorMs: 3 },
          drift: [
            {
              field: 'shop-1.4.0/src/shop.py: mode',
              ...{ expected: 'read-only', actual: '0644', severity: 'drift', recipe: undefined },
              mend: {
                ...{ kind: 'command', on: 'host' },
                command: 'chmod a-w /var/webcode/shop-1.4.0/src/shop.py',
              },
            },
          ],
        },
      ],
      ['web2', { kind: 'unread', code: 'unreachable', reason: 'connection refused', hint: undefined }],
    ]),
  }
  expect(checkAsJson([check])).toEqual(JSON.parse(example))
})
