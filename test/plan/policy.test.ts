import { describe, expect, test } from 'vitest'
import type { Observation } from '../../src/model/facts.ts'
import type { Plan } from '../../src/model/plan.ts'
import type { Target } from '../../src/model/target.ts'
import type { Channel } from '../../src/model/version-policy.ts'
import { planRun } from '../../src/plan/plan-run.ts'
import { judgePolicy, witnesses } from '../../src/plan/policy.ts'
import type { PlanRequest } from '../../src/plan/request.ts'
import { exec } from '../../src/recipe/exec.ts'
import {
  aHost,
  aRun,
  aTarget,
  digestOf,
  factsOf,
  seen,
  toDeploy,
  toRollBack,
  unread,
  wanted,
} from '../support/builders.ts'
import { planOf, problemsText } from '../support/plan-text.ts'
import { aStageHistory, bothAfter, deployed, leftOpen, putBack } from '../support/stage-histories.ts'

const finished: readonly Channel[] = ['final', 'post']
const accepting = (accepts: readonly Channel[], changes: Partial<Target> = {}) =>
  aTarget({ policy: { accepts, after: undefined }, ...changes })

const nobody: ReadonlyMap<string, Observation> = new Map()

const problems = (target: Target, request: PlanRequest, observations = nobody) =>
  problemsText(judgePolicy(target, observations, request).problems)

describe('a channel', () => {
  test('that the stage accepts is no problem', () => {
    expect(judgePolicy(accepting(finished), nobody, toDeploy('1.4.0.post1'))).toMatchInlineSnapshot(`
      {
        "problems": [],
        "result": {
          "accepts": [
            "final",
            "post",
          ],
          "after": undefined,
          "channel": "post",
          "exception": undefined,
          "scheme": "pep440",
          "version": "1.4.0.post1",
        },
      }
    `)
  })

  test('that the stage does not accept is refused, with what it accepts', () => {
    expect(problems(accepting(finished), toDeploy('1.4.0rc1'))).toMatchInlineSnapshot(
      `"production ! channel: 1.4.0rc1 is on the channel rc; production accepts final, post → ship a version that it accepts, or say --accept rc --reason TEXT, which is recorded"`,
    )
  })

  test('is accepted as little by prepare and promote', () => {
    for (const intent of ['prepare', 'promote'] as const)
      expect(problems(accepting(finished), toDeploy('1.4.0rc1', { intent }))).toMatch(
        /^production ! channel: /,
      )
  })

  test('that is let in goes on the record', () => {
    const request = toDeploy('1.4.0rc1', { exception: { channel: 'rc', reason: 'the fair is tomorrow' } })
    const { result, problems: none } = judgePolicy(accepting(finished), nobody, request)
    expect([result?.exception, none]).toEqual([{ channel: 'rc', reason: 'the fair is tomorrow' }, []])
  })

  test('is not let in by letting in another one', () => {
    const request = toDeploy('1.4.0.dev1', { exception: { channel: 'rc', reason: 'the fair' } })
    expect(problems(accepting(finished), request)).toMatchInlineSnapshot(
      `"production ! channel: 1.4.0.dev1 is on the channel dev; production accepts final, post, and --accept lets in rc → ship a version that it accepts, or say --accept dev --reason TEXT, which is recorded"`,
    )
  })

  test('that is accepted need not be let in: that is said, and not recorded', () => {
    const request = toDeploy('1.4.0', { exception: { channel: 'rc', reason: 'the fair' } })
    expect(problems(accepting(finished), request)).toMatchInlineSnapshot(
      `"production ? accept-not-needed: 1.4.0 is on the channel final, which production accepts: --accept rc is not needed, and not recorded"`,
    )
    expect(judgePolicy(accepting(finished), nobody, request).result?.exception).toBeUndefined()
  })
})

describe('a project with SemVer', () => {
  const semver = accepting(finished, { versions: 'semver' })

  test('is judged by the SemVer version that the sdist stands for', () => {
    expect(judgePolicy(semver, nobody, toDeploy('1.4.0')).result).toMatchObject({
      version: '1.4.0',
      channel: 'final',
    })
    expect(problems(semver, toDeploy('1.4.0rc1'))).toMatchInlineSnapshot(
      `"production ! channel: 1.4.0-rc.1 is on the channel rc; production accepts final, post → ship a version that it accepts, or say --accept rc --reason TEXT, which is recorded"`,
    )
  })

  test('has no post-releases', () => {
    expect(problems(semver, toDeploy('1.4.0.post1'))).toMatchInlineSnapshot(
      `"production ! version-scheme: 1.4.0.post1 is no version of a project with SemVer: SemVer has no post-release (.post1) → ship a version that SemVer has, such as 1.2.0, 1.2.0rc1 or 1.2.0.dev4"`,
    )
  })

  test('takes a build of the live version for no downgrade', () => {
    const target = aTarget({ versions: 'semver' })
    const planned = planRun(target, bothAfter(deployed('1.4.0+b2')), toDeploy('1.4.0+b1'), aRun)
    expect(planned.kind).toBe('plan')
  })
})

describe('a stage after another one', () => {
  const staging = [aHost('stage1'), aHost('stage2')]
  const target = aTarget({ policy: { accepts: finished, after: { stage: 'staging', hosts: staging } } })
  const host = (name: string, ...moves: Parameters<typeof aStageHistory>[0]) =>
    factsOf(name, { staging: aStageHistory(moves) })

  test('takes what was live there on one of the hosts, whose names it keeps', () => {
    const observations = seen(host('stage1', deployed('1.4.0'), deployed('1.5.0')), unread('stage2'))
    expect(judgePolicy(target, observations, toDeploy('1.4.0'))).toMatchObject({
      result: { after: { stage: 'staging', hosts: ['stage1'] } },
      problems: [],
    })
  })

  test('refuses what was never live there', () => {
    const observations = seen(host('stage1', deployed('1.3.0')), unread('stage2'))
    expect(problems(target, toDeploy('1.4.0'), observations)).toMatchInlineSnapshot(
      `"production ! after: production comes after staging, and shop-1.4.0 was never live there; not read: stage2 (no route to host) → first \`deploy staging\`, then \`deploy promote staging production\`"`,
    )
  })

  test.each([
    ['put back', putBack('1.4.0')],
    ['never kept', leftOpen('1.4.0')],
  ])('refuses what was switched to there and %s', (_, move) => {
    const observations = seen(host('stage1', deployed('1.3.0'), move), host('stage2'))
    expect(problems(target, toDeploy('1.4.0'), observations)).toMatch(/^production ! after: /)
  })

  test('refuses other bytes of the same name', () => {
    const observations = seen(host('stage1', deployed('1.4.0')), host('stage2'))
    const other = toDeploy('1.4.0', { wanted: wanted('1.4.0', { sha256: digestOf('other') }) })
    expect(problems(target, other, observations)).toMatchInlineSnapshot(
      `"production ! after: production comes after staging, and shop-1.4.0 was live there made from other bytes → first \`deploy staging\`, then \`deploy promote staging production\`"`,
    )
  })

  test('refuses what a recovery took back', () => {
    const history = aStageHistory([deployed('1.3.0'), deployed('1.4.0')])
    // However long ago: its switches need not be told any more.
    const wasLive = history.wasLive.map(entry => ({ ...entry, takenBack: entry.revision === 'shop-1.4.0' }))
    const staging = { ...history, wasLive, switches: [] }
    const observations = seen(factsOf('stage1', { staging }), host('stage2'))
    expect(problems(target, toDeploy('1.4.0'), observations)).toMatch(/^production ! after: /)
  })

  test('takes what was live there longer ago than its switches are told', () => {
    const history = { ...aStageHistory([deployed('1.4.0')]), switches: [] }
    const observations = seen(factsOf('stage1', { staging: history }), host('stage2'))
    expect(problems(target, toDeploy('1.4.0'), observations)).toBe('')
  })

  test('refuses when none of its hosts could be read, or was asked', () => {
    expect(problems(target, toDeploy('1.4.0'), seen(unread('stage1')))).toMatchInlineSnapshot(
      `"production ! after-unread: production comes after staging, and no host of staging could be read: stage1 (no route to host), stage2 (it was not asked) → it takes one host whose journal says what was live on staging"`,
    )
  })

  test('is no reason not to prepare', () => {
    expect(problems(target, toDeploy('1.4.0', { intent: 'prepare' }))).toBe('')
  })

  test('has its witnesses asked, but for those that were asked already', () => {
    const names = (request: PlanRequest, observations = nobody) =>
      witnesses(target, observations, request).map(({ name }) => name)
    expect(names(toDeploy('1.4.0'))).toEqual(['stage1', 'stage2'])
    expect(names(toDeploy('1.4.0'), seen(unread('stage2')))).toEqual(['stage1'])
    expect(names(toDeploy('1.4.0', { intent: 'prepare' }))).toEqual([])
    expect(names(toRollBack('1.3.0'), bothAfter(deployed('1.3.0'), deployed('1.4.0')))).toEqual([])
  })
})

describe('a rollback', () => {
  const target = accepting(['final'], {
    policy: { accepts: ['final'], after: { stage: 'staging', hosts: [aHost('stage1')] } },
  })

  test('to what was live on the stage is asked nothing', () => {
    const observations = bothAfter(deployed('1.3.0rc1'), deployed('1.4.0'))
    expect(judgePolicy(target, observations, toRollBack('1.3.0rc1'))).toEqual({
      result: undefined,
      problems: [],
    })
  })

  test('to what never was is judged like a deploy', () => {
    const observations = bothAfter(deployed('1.3.0'), deployed('1.4.0'))
    expect(problems(target, toRollBack('1.3.0rc1'), observations)).toMatchInlineSnapshot(`
      "production ! channel: 1.3.0rc1 is on the channel rc; production accepts final → ship a version that it accepts, or say --accept rc --reason TEXT, which is recorded
      production ! after-unread: production comes after staging, and no host of staging could be read: stage1 (it was not asked) → it takes one host whose journal says what was live on staging"
    `)
  })
})

test('all refusals are said at once', () => {
  const after = { stage: 'staging', hosts: [aHost('stage1')] }
  const target = aTarget({ policy: { accepts: finished, after } })
  const observations = new Map([...bothAfter(deployed('1.5.0')), ...seen(unread('stage1'))])
  const planned = planRun(target, observations, toDeploy('1.4.0rc1'), aRun)
  expect(
    planned.kind === 'refused' && planned.problems.map(({ where, code }) => `${where}: ${code}`),
  ).toEqual(['production: channel', 'production: after-unread', 'web1: downgrade', 'web2: downgrade'])
})

test('what is live already is asked nothing', () => {
  const planned = planRun(accepting(finished), bothAfter(deployed('1.4.0rc1')), toDeploy('1.4.0rc1'), aRun)
  expect(planned.kind).toBe('nothing')
})

test('the plans for a nightly, a release candidate and a release differ in their policy alone', () => {
  const target = aTarget({ hooks: { verify: [exec(['make', 'test'])], activate: [exec(['reload'])] } })
  const observations = bothAfter(deployed('1.2.0'), deployed('1.3.0'))
  const planned = (version: string) => {
    const request = toDeploy(version, { wanted: wanted(version, { sha256: digestOf('the same') }) })
    return planOf(planRun(target, observations, request, aRun))
  }
  const anonymous = ({ policy: _, ...plan }: Plan, version: string) =>
    JSON.parse(
      JSON.stringify(plan, (_key, value: unknown) => (value instanceof Map ? [...value] : value)).replaceAll(
        version,
        'VERSION',
      ),
    )
  const [release, ...others] = ['1.4.0', '1.4.0rc1', '1.4.0.dev20261120'].map(
    version => [version, planned(version)] as const,
  )
  if (release === undefined) throw new Error('nothing was planned')
  for (const [version, plan] of others) {
    expect(anonymous(plan, version)).toEqual(anonymous(release[1], release[0]))
    expect(plan.policy).not.toEqual(release[1].policy)
  }
})
