import { expect, test } from 'vitest'
import { latestStage } from '../../src/plan/latest-stage.ts'
import { factsOf, noon, seen, unread } from '../support/builders.ts'
import { aStageHistory, deployed, putBack } from '../support/stage-histories.ts'

test('a rollback without a stage is about the switch that was kept last, on any host', () => {
  const staging = aStageHistory([deployed('1.4.0', { stage: 'staging', atMs: noon + 2 })])
  const production = aStageHistory([deployed('1.3.0', { atMs: noon + 1 })])
  const hosts = seen(factsOf('web1', { production }), factsOf('web2', { staging }))
  expect(latestStage(hosts)?.stage).toBe('staging')
})

test('what was put back does not count', () => {
  const staging = aStageHistory([putBack('1.4.0', { stage: 'staging', atMs: noon + 2 })])
  const production = aStageHistory([deployed('1.3.0', { atMs: noon + 1 })])
  expect(latestStage(seen(factsOf('web1', { production, staging })))?.stage).toBe('production')
})

test('there is none where nothing was kept, or nothing could be read', () => {
  expect(latestStage(seen(factsOf('web1'), unread('web2')))).toBeUndefined()
})
