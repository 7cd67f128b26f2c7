import { describe, expect, test } from 'vitest'
import type { HostFacts, RevisionFacts, StageFacts } from '../../src/model/facts.ts'
import { choosePromotion } from '../../src/plan/choose-promotion.ts'
import { chooseRollback } from '../../src/plan/choose-rollback.ts'
import { planRecovery } from '../../src/plan/plan-recovery.ts'
import { findRecovery } from '../../src/plan/recovery.ts'
import { judgeAfter } from '../../src/plan/was-live.ts'
import {
  aHost,
  aRevision,
  aRun,
  aTarget,
  digestOf,
  factsOf,
  seen,
  unread,
  wanted,
} from '../support/builders.ts'
import { problemsText } from '../support/plan-text.ts'
import { aStageHistory, deployed, linkTo, putBack } from '../support/stage-histories.ts'

/** What one host says of shop-1.4: its journal and its manifest, each by what it says the revision was made from. */
interface Says {
  readonly journal?: string | undefined
  readonly manifest?: string | undefined
  /** How it spells the revision; another one for its manifest where that is given. */
  readonly name?: string
  readonly sealedAs?: string
}

const honest = digestOf('1.4')
const [right, wrong] = [honest.slice(0, 12), digestOf('other').slice(0, 12)]
const digest = (says: string | undefined) =>
  says === 'right' ? honest : says === 'wrong' ? digestOf('other') : says

function host(
  name: string,
  stage: string,
  { journal, manifest, name: revision = 'shop-1.4', sealedAs }: Says,
): HostFacts {
  const lived = { revision, sha256: digest(journal), takenBack: false }
  const history: StageFacts = aStageHistory([deployed('1.3')], {
    link: linkTo(revision),
    stack: [revision, 'shop-1.3'],
    wasLive: [...(journal === undefined ? [] : [lived])],
  })
  const sealed = digest(manifest)
  const revisions: readonly RevisionFacts[] =
    sealed === undefined ? [] : [aRevision('1.4', { name: sealedAs ?? revision, sha256: sealed })]
  return factsOf(name, { [stage]: history }, { revisions: [aRevision('1.3'), ...revisions] })
}

const one: Says = { journal: 'right', manifest: 'right' }
/** What another host says, and whether the two agree. */
const others: readonly (readonly [title: string, says: Says, agrees: boolean])[] = [
  ['the same', one, true],
  ['the same by its journal, its revision is pruned', { journal: 'right' }, true],
  ['the same, without a sha256 in its journal', { journal: '', manifest: 'right' }, true],
  ['the same, by a manifest that is damaged', { journal: 'right', manifest: '' }, true],
  ['the same under another spelling', { ...one, name: 'Shop-1.4.0' }, true],
  ['other bytes', { journal: 'wrong', manifest: 'wrong' }, false],
  ['other bytes by its journal', { journal: 'wrong' }, false],
  [
    'other bytes by its journal alone: its manifest contradicts it',
    { journal: 'wrong', manifest: 'right' },
    false,
  ],
  [
    'other bytes by its manifest alone: its journal contradicts it',
    { journal: 'right', manifest: 'wrong' },
    false,
  ],
  ['other bytes by a manifest of what never was live there', { manifest: 'wrong' }, false],
  ['other bytes under another spelling', { journal: 'wrong', manifest: 'wrong', name: 'Shop-1.4.0' }, false],
  [
    'other bytes sealed under another spelling',
    { journal: 'right', manifest: 'wrong', sealedAs: 'shop-1.4.0' },
    false,
  ],
]

describe.each(others)(
  'where one host says what shop-1.4 was made from, and the other one says %s',
  (_title, says, agrees) => {
    const facts = (stage: string) => [host('web1', stage, one), host('web2', stage, says)]

    test(`what comes after that stage is ${agrees ? 'taken' : 'refused, with both names'}`, () => {
      const after = { stage: 'staging', hosts: [aHost('web1'), aHost('web2')] }
      const { problems } = judgeAfter('production', after, seen(...facts('staging')), wanted('1.4'))
      expect(problems.map(({ code }) => code)).toEqual(agrees ? [] : ['hosts-disagree'])
      if (!agrees)
        expect(problemsText(problems)).toMatch(new RegExp(`web1 says .*${right}.*; web2 says .*${wrong}`))
    })

    test(`a promotion of it is ${agrees ? 'decided' : 'refused, with both names'}`, () => {
      const choice = choosePromotion('staging', seen(...facts('staging')))
      expect(choice.kind).toBe(agrees ? 'chosen' : 'refused')
      if (choice.kind === 'refused')
        expect(problemsText(choice.problems)).toMatch(
          new RegExp(`web1 says .*${right}.*; web2 says .*${wrong}`),
        )
    })
  },
)

/** A rollback goes to one name: what is spelt otherwise is another entry of the root. */
describe.each(others.filter(([, { name, sealedAs }]) => name === undefined && sealedAs === undefined))(
  'where one host says what shop-1.4 was made from, and the other one says %s',
  (_title, says, agrees) => {
    const facts = seen(host('web1', 'production', one), host('web2', 'production', says))

    test(`a rollback to it is ${agrees ? 'decided' : 'refused, with both names'}`, () => {
      const choice = chooseRollback(aTarget(), facts, 'shop-1.4')
      expect(choice.kind).toBe(agrees ? 'chosen' : 'refused')
      if (choice.kind === 'refused')
        expect(problemsText(choice.problems)).toMatch(
          new RegExp(`web1 says .*${right}.*; web2 says .*${wrong}`),
        )
    })
  },
)

test('each host is told of with what it says, by which of its records', () => {
  const facts = seen(
    host('web1', 'production', { journal: 'wrong', manifest: 'right' }),
    host('web2', 'production', one),
    host('web3', 'production', { journal: 'right', manifest: 'wrong', sealedAs: 'Shop-1.4' }),
  )
  const choice = choosePromotion('production', facts)
  expect(choice.kind === 'refused' && problemsText(choice.problems)).toBe(
    `production ! hosts-disagree: the hosts of production do not agree on what shop-1.4 was made from: web1 says ${wrong} (its journal) and ${right} (its manifest); web2 says ${right} (its journal, its manifest); web3 says ${right} (its journal) and ${wrong} (its manifest of Shop-1.4) \u2192 find out who is right: \`deploy check production\`, \`deploy revisions production\`\nor ship a new version: what hosts do not agree on is shipped nowhere`,
  )
})

test('what cannot be read, and a stage that is not asked about, have no say', () => {
  const after = { stage: 'staging', hosts: [aHost('web1'), aHost('web2'), aHost('web3')] }
  const elsewhere = factsOf(
    'web3',
    {
      production:
        host('web3', 'production', { journal: 'wrong' }).stages.get('production') ?? aStageHistory([]),
    },
    { revisions: [] },
  )
  const { result, problems } = judgeAfter(
    'production',
    after,
    seen(host('web1', 'staging', one), unread('web2'), elsewhere),
    wanted('1.4'),
  )
  expect([result?.hosts, problems]).toEqual([['web1'], []])
})

describe('a split whose hosts have other bytes of what it went to', () => {
  const kept = host('web1', 'production', one)
  const split = (says: Says) =>
    seen(
      factsOf(
        'web1',
        { production: aStageHistory([deployed('1.3'), deployed('1.4')]) },
        { revisions: kept.revisions },
      ),
      factsOf(
        'web2',
        { production: aStageHistory([deployed('1.3'), putBack('1.4')]) },
        { revisions: host('web2', 'production', says).revisions },
      ),
    )
  const planned = (says: Says, way: 'back' | 'forward') => {
    const found = findRecovery(aTarget(), split(says))
    if (found.kind !== 'split') throw new Error('no split')
    const plan = planRecovery(aTarget(), found.recovery, way, aRun)
    return plan.kind === 'plan' ? [] : plan.problems.map(({ code }) => code)
  }

  test('is not brought forward, and each host can go back to what it had', () => {
    expect(planned({ manifest: 'right' }, 'forward')).toEqual([])
    expect(planned({ manifest: 'wrong' }, 'forward')).toContain('hosts-disagree')
    expect(planned({ manifest: 'wrong' }, 'back')).toEqual([])
  })
})
