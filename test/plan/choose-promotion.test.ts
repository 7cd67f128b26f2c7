import { describe, expect, test } from 'vitest'
import type { Observation } from '../../src/model/facts.ts'
import { choosePromotion } from '../../src/plan/choose-promotion.ts'
import { aRevision, factsOf, seen, unread } from '../support/builders.ts'
import { problemsText } from '../support/plan-text.ts'
import { aStageHistory, deployed, leftOpen, type Move, putBack } from '../support/stage-histories.ts'

const stagingAfter = (host: string, ...moves: readonly Move[]) =>
  factsOf(host, { staging: aStageHistory(moves) })

function choice(observations: ReadonlyMap<string, Observation>): string {
  const chosen = choosePromotion('staging', observations)
  if (chosen.kind === 'refused') return problemsText(chosen.problems)
  return `${chosen.value.wanted.name}, to be had from ${chosen.value.holders.join(' ')}`
}

test('what every host of a stage is live on is promoted', () => {
  const hosts = seen(
    stagingAfter('web1', deployed('1.3'), deployed('1.4')),
    stagingAfter('web2', deployed('1.4'), putBack('1.5')),
  )
  expect(choice(hosts)).toBe('shop-1.4, to be had from web1 web2')
})

test('the sdist is to be had only where the revision stands', () => {
  const broken = factsOf(
    'web1',
    { staging: aStageHistory([deployed('1.4')]) },
    { revisions: [aRevision('1.4', { stands: false })] },
  )
  expect(choice(seen(broken, stagingAfter('web2', deployed('1.4'))))).toBe('shop-1.4, to be had from web2')
})

describe('a promotion is refused', () => {
  test('where one host reports other bytes, by its record or by its journal: every host is named with what it says', () => {
    const history = aStageHistory([deployed('1.4')])
    const wasLive = history.wasLive.map(one => ({ ...one, sha256: 'f'.repeat(64) }))
    for (const web1 of [
      factsOf('web1', { staging: history }, { revisions: [aRevision('1.4', { sha256: 'e'.repeat(64) })] }),
      factsOf('web1', { staging: { ...history, wasLive } }),
    ])
      expect(choice(seen(web1, stagingAfter('web2', deployed('1.4'))))).toMatch(
        /^staging ! hosts-disagree: .*: web1 says .*(e{12}|f{12}).*; web2 says /,
      )
  })

  test('where no host says what it was made from', () => {
    const staging = { ...aStageHistory([deployed('1.4')]), wasLive: [] }
    const mute = factsOf('web1', { staging }, { revisions: [aRevision('1.4', { sha256: '' })] })
    expect(choice(seen(mute))).toMatch(
      /^staging ! other-bytes: no host of staging says what shop-1\.4 was made from/,
    )
  })

  test('from a stage that is not uniform', () => {
    expect(choice(seen(stagingAfter('web1', deployed('1.3')), stagingAfter('web2')))).toMatchInlineSnapshot(`
      "web1 ! not-uniform: staging is live on shop-1.3 here → make staging uniform first: \`deploy status staging\`
      web2 ! not-uniform: staging is live on nothing here → make staging uniform first: \`deploy status staging\`"
    `)
  })

  test('from a stage on which nothing is live', () => {
    expect(choice(seen(stagingAfter('web1')))).toMatchInlineSnapshot(
      `"web1 ! not-uniform: staging is live on nothing here → make staging uniform first: \`deploy status staging\`"`,
    )
  })

  test('from a stage of which a host cannot be read, and that is not all', () => {
    const hosts = seen(unread('web1'), stagingAfter('web2', deployed('1.3')), stagingAfter('web3'))
    expect(choice(hosts)).toMatchInlineSnapshot(`
      "web1 ! unreachable: no route to host
      web2 ! not-uniform: staging is live on shop-1.3 here → make staging uniform first: \`deploy status staging\`
      web3 ! not-uniform: staging is live on nothing here → make staging uniform first: \`deploy status staging\`"
    `)
  })

  test('of a revision whose switch was not kept yet', () => {
    expect(choice(seen(stagingAfter('web1', deployed('1.3'), leftOpen('1.4'))))).toMatchInlineSnapshot(
      `"web1 ! not-kept: the switch s2 of staging to shop-1.4 was not kept yet → see \`deploy status staging\`"`,
    )
  })
})
