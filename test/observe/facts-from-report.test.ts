import { describe, expect, test } from 'vitest'
import type { Recipe } from '../../src/model/recipe.ts'
import { factsFromReport, linkFromReport } from '../../src/observe/facts-from-report.ts'
import { defineRecipe } from '../../src/recipe/define-recipe.ts'
import { fact } from '../../src/recipe/fact.ts'
import type { Answer } from '../../src/remote/messages.ts'
import { anAnswer, aReport, opened } from './reports.ts'

const facts = (report: Partial<Answer<'observe'>> = {}, recipes: readonly Recipe[] = []) =>
  factsFromReport('web1', opened, '/var/webcode', { ...aReport, ...report }, recipes)

test('what a host reports becomes facts, absence as undefined', () => {
  expect(facts()).toMatchInlineSnapshot(`
    {
      "answers": Map {},
      "checked": [],
      "foreign": [
        "backup",
      ],
      "host": "web1",
      "hostname": "web1.example.com",
      "programs": Map {
        "psql" => undefined,
        "sed" => "/bin/sed",
      },
      "python": "3.11.2",
      "revisions": [
        {
          "atMs": 1,
          "name": "shop-1.3.0",
          "project": "shop",
          "python": undefined,
          "sha256": "ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12",
          "shared": [],
          "stands": true,
          "verdict": "verified",
          "version": "1.3.0",
          "why": undefined,
        },
      ],
      "root": {
        "boundBy": undefined,
        "freeBytes": 5000000000,
        "freeInodes": 100000,
        "id": "f00d",
        "kind": "directory",
        "owner": "deploy",
        "path": "/var/webcode",
        "project": "shop",
        "why": undefined,
        "writable": true,
      },
      "shared": Map {},
      "stages": Map {
        "production" => {
          "frozen": undefined,
          "link": {
            "dangling": false,
            "kind": "link",
            "revision": "shop-1.3.0",
            "text": "shop-1.3.0",
          },
          "lock": undefined,
          "stack": [
            "shop-1.3.0",
          ],
          "switches": [
            {
              "atMs": 2,
              "by": "ana",
              "except": [],
              "exception": undefined,
              "from": "shop-1.3.0",
              "hosts": [
                "web1",
              ],
              "id": "s2",
              "kind": "deploy",
              "putBackFailed": undefined,
              "recovers": undefined,
              "stage": "production",
              "state": "put-back",
              "to": "shop-1.4.0",
              "undo": [
                {
                  "of": "activate/1",
                  "ok": true,
                  "reason": undefined,
                },
              ],
            },
          ],
          "undone": [],
          "wasLive": [
            {
              "revision": "shop-1.3.0",
              "sha256": undefined,
              "takenBack": false,
            },
          ],
        },
      },
      "sudo": [],
      "uid": 1000,
      "unanswered": [],
      "unfinished": [],
      "user": "deploy",
    }
  `)
})

describe('a link', () => {
  test.each([
    ['absent', { kind: 'absent' }],
    ['directory', { kind: 'directory' }],
    ['other', { kind: 'other' }],
  ] as const)('that is %s has nothing else to say', (kind, link) => {
    expect(linkFromReport({ kind, text: null, revision: null, dangling: false })).toStrictEqual(link)
  })

  test('that leads out of the root names no revision', () => {
    expect(linkFromReport({ kind: 'link', text: '/srv', revision: null, dangling: false })).toStrictEqual({
      kind: 'link',
      text: '/srv',
      revision: undefined,
      dangling: false,
    })
  })
})

describe('the facts of recipes', () => {
  const space = defineRecipe({
    name: 'space',
    facts: {
      free: fact(['df', '.'], text => {
        if (!/^\d+$/.test(text)) throw new Error(`"${text}" is not a number`)
        return Number(text)
      }),
      user: fact(['id', '-un'], text => text.trim()),
    },
  })

  test('are read by the parsers of the recipe', () => {
    const answers = [anAnswer('space/free', { out: '900' }), anAnswer('space/user', { out: 'deploy\n' })]
    const read = facts({ facts: answers }, [space])
    expect(read.answers.get('space')).toStrictEqual({ free: 900, user: 'deploy' })
    expect(read.unanswered).toStrictEqual([])
  })

  test.each([
    ['a parser that throws', { out: 'much' }, '"much" is not a number'],
    ['a program that fails', { code: 1, err: 'warning\ndf: no such file\n' }, 'exit 1: df: no such file'],
    ['a program that says nothing', { code: 3 }, 'exit 3'],
    ['a program that is not there', { kind: 'unstarted', reason: 'no such file: df' }, 'no such file: df'],
    ['a program that is killed', { kind: 'signalled', signal: 'SIGKILL' }, 'SIGKILL'],
    ['a program that takes too long', { kind: 'timed-out', reason: 'after 30 s' }, 'after 30 s'],
  ] as const)('%s leaves the fact unanswered, with the reason', (_title, answer, reason) => {
    const answers = [anAnswer('space/free', answer), anAnswer('space/user', { out: 'deploy' })]
    const read = facts({ facts: answers }, [space])
    expect(read.unanswered).toStrictEqual([{ recipe: 'space', fact: 'free', reason }])
    expect(read.answers.get('space')).toStrictEqual({ user: 'deploy' })
  })

  test('that the host passed over are unanswered', () => {
    expect(facts({}, [space]).unanswered.map(({ reason }) => reason)).toStrictEqual([
      'the host did not answer it',
      'the host did not answer it',
    ])
  })
})
