import { expect, test } from 'vitest'
import { closedProblems } from '../../src/plan/fleet-problems.ts'
import { aTarget, factsOf, seen } from '../support/builders.ts'
import { problemsText } from '../support/plan-text.ts'
import { aStageHistory, deployed, frozen, leftOpen } from '../support/stage-histories.ts'

test('a stage that is frozen and split is both, whatever is wanted of it: the split is said first', () => {
  const hosts = seen(
    factsOf('web1', { production: { ...aStageHistory([leftOpen('1.4.0')]), frozen } }),
    factsOf('web2', { production: aStageHistory([deployed('1.4.0')]) }),
  )
  expect(problemsText(closedProblems(aTarget(), hosts))).toMatchInlineSnapshot(`
    "production ! split: the switch s1 of 2026-11-20T11:59:00.001Z from nothing to shop-1.4.0 is split: web1 has it open, web2 kept it → look at it with \`deploy status production\`
    then decide for all of them: \`deploy recover production --back\` or \`deploy recover production --forward\`
    web1 ! frozen: production is frozen by ben from desk since 2026-11-20T12:00:00.000Z: the sale → \`deploy unlock production\` ends that"
  `)
})

test('a damaged record freezes, and nobody knows since when', () => {
  const damaged = { ...frozen, by: 'unknown', from: 'unknown', sinceMs: 0, reason: 'the record is damaged' }
  const hosts = seen(factsOf('web1', { production: { ...aStageHistory([]), frozen: damaged } }))
  expect(problemsText(closedProblems(aTarget(), hosts))).toMatchInlineSnapshot(
    `"web1 ! frozen: production is frozen by unknown from unknown since an unknown time: the record is damaged → \`deploy unlock production\` ends that"`,
  )
})

test('an open one is closed for nobody', () => {
  expect(closedProblems(aTarget(), seen(factsOf('web1'), factsOf('web2')))).toEqual([])
})
