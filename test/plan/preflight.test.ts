import { describe, expect, test } from 'vitest'
import type { HostFacts, StageFacts } from '../../src/model/facts.ts'
import { preflight } from '../../src/plan/preflight.ts'
import { downgradeProblems } from '../../src/plan/preflight-revision.ts'
import type { PlanRequest } from '../../src/plan/request.ts'
import { defineRecipe } from '../../src/recipe/define-recipe.ts'
import { aRevision, aTarget, factsOf, toDeploy, toRollBack, wanted } from '../support/builders.ts'
import { problemsText } from '../support/plan-text.ts'
import { aStageHistory, deployed, linkTo } from '../support/stage-histories.ts'

type Changes = Parameters<typeof factsOf>[2]

const host = (changes: Changes = {}, production: StageFacts = aStageHistory([])): HostFacts =>
  factsOf('web1', { production }, changes)

const problems = (facts: HostFacts, request: PlanRequest = toDeploy('1.4.0'), target = aTarget()): string =>
  problemsText(preflight(facts, target, request))

test('a good host has no problems', () => {
  expect(problems(host())).toBe('')
})

describe('the root', () => {
  test('that is a file', () => {
    expect(problems(host({ root: { kind: 'other', writable: false, freeBytes: 0 } }))).toMatchInlineSnapshot(
      `"web1 ! root-not-directory: the root /var/webcode is not a directory → move it away on web1, it was not made here"`,
    )
  })

  test('that is not there and can be made is no problem', () => {
    expect(problems(host({ root: { kind: 'absent', id: undefined, project: undefined } }))).toBe('')
  })

  test('that cannot be made', () => {
    const root = { kind: 'absent', writable: false, why: '/var is not writable' } as const
    expect(problems(host({ root }))).toMatchInlineSnapshot(
      `"web1 ! root-not-writable: the root /var/webcode does not exist and cannot be created by deploy: /var is not writable → as root on web1: install -d -o deploy /var/webcode"`,
    )
  })

  test('that cannot be written, for a reason that the host does not know', () => {
    expect(problems(host({ root: { writable: false } }))).toMatchInlineSnapshot(
      `"web1 ! root-not-writable: the root /var/webcode cannot be written by deploy → as root on web1: install -d -o deploy /var/webcode"`,
    )
  })

  test('of another project', () => {
    const root = { project: 'blog', boundBy: 'blog-1.0 stands in it' }
    expect(problems(host({ root }))).toMatchInlineSnapshot(`
      "web1 ! other-project: the root /var/webcode belongs to the project blog, this is shop: blog-1.0 stands in it → give every project a root of its own: \`root\` in the configuration, for all hosts or for one
      if blog is over on web1, remove its links, its revisions and /var/webcode/.stage there"
    `)
  })

  test('that another project claimed and holds nothing in is taken, and that is said', () => {
    expect(problems(host({ root: { project: 'blog' } }))).toMatchInlineSnapshot(
      `"web1 ? root-claimed: the root /var/webcode was made for blog, which has nothing there: it becomes that of shop"`,
    )
  })

  test('of the same project in another spelling', () => {
    const request = toDeploy('1.4.0', { wanted: wanted('1.4.0', { project: 'My.Shop' }) })
    expect(problems(host({ root: { project: 'my_shop' } }), request)).toBe('')
  })

  test('on a host where we are root', () => {
    expect(problems(host({ uid: 0, user: 'root' }))).toMatchInlineSnapshot(
      `"web1 ? root-account: the deploy account is root: read-only revisions do not hold for root → deploy as a user of its own"`,
    )
  })
})

describe('space', () => {
  const full = { root: { freeBytes: 20 * 1024 * 1024, freeInodes: 12 } }

  test('is needed for what is coming', () => {
    expect(problems(host(full))).toMatchInlineSnapshot(`
      "web1 ! disk: 20 MiB are free at /var/webcode, about 65 MiB are needed → make room there: \`deploy prune production\` removes old revisions
      web1 ! inodes: 12 inodes are free at /var/webcode, about 4000 are needed → make room there: \`deploy prune production\` removes old revisions"
    `)
  })

  test('is not needed where the revision stands', () => {
    expect(problems(host({ ...full, revisions: [aRevision('1.4.0')] }))).toBe('')
  })

  test('is not needed for a rollback', () => {
    expect(problems(host({ ...full, revisions: [aRevision('1.4.0')] }), toRollBack('1.4.0'))).toBe('')
  })
})

describe('the link', () => {
  const withLink = (link: StageFacts['link']) => host({}, aStageHistory([], { link }))

  test('is a directory', () => {
    expect(problems(withLink({ kind: 'directory' }))).toMatchInlineSnapshot(
      `"web1 ! link-not-a-link: /var/webcode/production is a directory: it is left untouched → move it away on web1, it was not made here"`,
    )
  })

  test('is a file', () => {
    expect(problems(withLink({ kind: 'other' }))).toMatchInlineSnapshot(
      `"web1 ! link-not-a-link: /var/webcode/production is not a symlink: it is left untouched → move it away on web1, it was not made here"`,
    )
  })

  test('leads nowhere', () => {
    expect(
      problems(withLink({ kind: 'link', text: 'shop-0.9', revision: 'shop-0.9', dangling: true })),
    ).toMatchInlineSnapshot(
      `"web1 ? link-dangling: /var/webcode/production points to shop-0.9, which is not there; it will be switched, and restored if it is put back"`,
    )
  })

  test('was moved by hand', () => {
    const moves = [deployed('1.2.0'), deployed('1.3.0')]
    for (const link of [linkTo('shop-1.2.0'), { kind: 'absent' } as const]) {
      const facts = host({}, aStageHistory(moves, { link }))
      const found = preflight(facts, aTarget(), toDeploy('1.4.0')).filter(({ code }) => code === 'moved')
      expect(found.map(({ severity, message }) => `${severity}: ${message}`)).toStrictEqual([
        `warning: the link was moved by hand: it names ${link.kind === 'link' ? 'shop-1.2.0' : 'nothing'}, its journal has shop-1.3.0`,
      ])
    }
  })

  test('leads out of the root', () => {
    expect(
      problems(withLink({ kind: 'link', text: '/srv/shop', revision: undefined, dangling: false })),
    ).toMatchInlineSnapshot(
      `"web1 ? link-outside: /var/webcode/production points to /srv/shop, outside of the revisions; it will be switched, and restored if it is put back"`,
    )
  })

  test('does not matter to prepare', () => {
    expect(problems(withLink({ kind: 'directory' }), toDeploy('1.4.0', { intent: 'prepare' }))).toBe('')
  })
})

describe('the revision', () => {
  const with14 = (changes: Parameters<typeof aRevision>[1]) =>
    host({ revisions: [aRevision('1.4.0', changes)] })

  test('is there with other bytes, and stands: the way to what stands is told', () => {
    expect(problems(with14({ sha256: '0'.repeat(64) }))).toMatchInlineSnapshot(`
      "web1 ! conflict: shop-1.4.0 is there with other bytes (sha256 000000000000, this one is 74b860b32706) → a revision never changes: ship a new version
      shop-1.4.0 stands here already, sealed at 2026-11-20T12:00:00.000Z, made from 000000000000: where it does on all hosts, \`deploy rollback production --to shop-1.4.0\` switches to it
      to recipes that is a rollback; with the sdist that it was made from, \`deploy production SDIST\` is a deploy"
    `)
  })

  test('is there with other bytes, and does not stand: nothing can be switched to', () => {
    expect(problems(with14({ sha256: '0'.repeat(64), stands: false }))).toMatchInlineSnapshot(
      `"web1 ! conflict: shop-1.4.0 is there with other bytes (sha256 000000000000, this one is 74b860b32706) → a revision never changes: ship a new version"`,
    )
  })

  test('was rejected', () => {
    const rejected = { verdict: 'rejected', stands: false, why: 'web2: exit 1' } as const
    expect(problems(with14(rejected))).toMatchInlineSnapshot(
      `"web1 ! rejected: shop-1.4.0 was rejected here: web2: exit 1 → ship a new version, or forget this one: \`deploy discard shop-1.4.0 production\`"`,
    )
  })

  test('was rejected with other bytes: a discard is the way to these', () => {
    const rejected = { verdict: 'rejected', stands: false, sha256: '0'.repeat(64) } as const
    expect(problems(with14(rejected))).toMatchInlineSnapshot(
      `"web1 ! rejected: shop-1.4.0 was rejected here, made from other bytes → ship a new version, or forget this one: \`deploy discard shop-1.4.0 production\`"`,
    )
  })

  test('was rejected, and somebody wants to go back to it', () => {
    const rejected = { verdict: 'rejected', stands: false, why: 'exit 1' } as const
    expect(problems(with14(rejected), toRollBack('1.4.0'))).toMatchInlineSnapshot(
      `"web1 ! rejected: shop-1.4.0 was rejected here: exit 1 → ship a new version, or forget this one: \`deploy discard shop-1.4.0 production\`"`,
    )
  })

  test('is sealed and does not stand any more', () => {
    const broken = { stands: false, why: 'its interpreter .env/bin/python is gone' }
    expect(problems(with14(broken))).toMatchInlineSnapshot(
      `"web1 ! not-standing: shop-1.4.0 does not stand: its interpreter .env/bin/python is gone → a sealed revision is never rebuilt: ship a new version"`,
    )
  })

  test('does not stand, and somebody wants to go back to it', () => {
    expect(
      problems(with14({ stands: false, why: 'its interpreter is gone' }), toRollBack('1.4.0')),
    ).toMatchInlineSnapshot(
      `"web1 ! not-standing: shop-1.4.0 does not stand: its interpreter is gone → choose a revision that stands here, or leave this host out with --except"`,
    )
  })

  test('has a record that cannot be read: that is said, not that the bytes are others', () => {
    const damaged = { sha256: '', stands: false, why: '.revision.json is damaged' }
    expect(problems(with14(damaged))).toMatchInlineSnapshot(
      `"web1 ! not-standing: shop-1.4.0 does not stand: .revision.json is damaged → a sealed revision is never rebuilt: ship a new version"`,
    )
  })

  test('is not there, and somebody wants to go back to it', () => {
    expect(problems(host(), toRollBack('1.3.0'))).toMatchInlineSnapshot(
      `"web1 ! not-standing: shop-1.3.0 is not there → choose a revision that stands here, or leave this host out with --except"`,
    )
  })

  test('was not made here', () => {
    expect(problems(host({ foreign: ['shop-1.4.0'] }))).toMatchInlineSnapshot(
      `"web1 ! foreign: /var/webcode/shop-1.4.0 is there and was not made here: it is left untouched → move it away, or ship another version"`,
    )
  })

  test('was begun by a run that died: it is made again', () => {
    expect(problems(host({ unfinished: ['shop-1.4.0'] }))).toBe('')
  })

  test('was begun by a run that died, and somebody linked to it by hand', () => {
    const facts = host({ unfinished: ['shop-1.4.0'] }, aStageHistory([], { link: linkTo('shop-1.4.0') }))
    expect(problems(facts)).toMatchInlineSnapshot(
      `"web1 ! live-unfinished: /var/webcode/shop-1.4.0 was never finished, and production is a link to it: it is left untouched → link it to a verified revision, or ship another version"`,
    )
  })
})

describe('a lower version', () => {
  const live = host({}, aStageHistory([deployed('1.10.0')]))

  test('has to be asked for', () => {
    expect(problems(live, toDeploy('1.9.0'))).toMatchInlineSnapshot(
      `"web1 ! downgrade: 1.9.0 is lower than 1.10.0, which is live on production → go back with \`deploy rollback production\`, or say --allow-downgrade"`,
    )
  })

  test('was asked for', () => {
    expect(problems(live, toDeploy('1.9.0', { allowDowngrade: true }))).toBe('')
  })

  test.each(['rollback', 'prepare'] as const)('is what a %s may be about', intent => {
    expect(problems(live, toDeploy('1.9.0', { intent }))).toBe('')
  })

  test('is refused for a promotion too', () => {
    const request = toDeploy('1.9.0', { intent: 'promote' })
    expect(preflight(live, aTarget(), request).map(({ code }) => code)).toStrictEqual(['downgrade'])
  })

  test('is not an equal one in another spelling', () => {
    for (const [live, next] of [
      ['1.0', '1.0.0'],
      ['1.0.0', '1.0'],
    ] as const) {
      const facts = host({}, aStageHistory([deployed(live)]))
      expect(problemsText(downgradeProblems(facts, aTarget(), toDeploy(next)))).toBe('')
    }
  })

  test('cannot be told from a version that is none: the record of the live revision is damaged', () => {
    const damaged = aRevision('x', { version: 'not a version', stands: false, why: 'damaged' })
    const facts = host({ revisions: [damaged] }, aStageHistory([], { link: linkTo('shop-x') }))
    expect(problems(facts)).toBe('')
  })
})

describe('recipes', () => {
  const target = aTarget({ recipes: [defineRecipe({ name: 'migrations', requires: ['psql', 'sed'] })] })

  test('need programs', () => {
    const facts = host({ programs: new Map([['sed', '/bin/sed']]) })
    expect(problems(facts, toDeploy('1.4.0'), target)).toMatchInlineSnapshot(
      `"web1 ! program-missing: the recipe migrations needs psql, which is not on the PATH"`,
    )
  })

  test('need answers', () => {
    const programs = new Map([
      ['sed', '/bin/sed'],
      ['psql', '/usr/bin/psql'],
    ])
    const unanswered = [{ recipe: 'migrations', fact: 'free', reason: 'exit 1: df: not found' }]
    expect(problems(host({ programs, unanswered }), toDeploy('1.4.0'), target)).toMatchInlineSnapshot(
      `"web1 ! fact: the recipe migrations could not find out free: exit 1: df: not found"`,
    )
  })
})
