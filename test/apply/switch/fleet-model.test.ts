import { describe, expect, test } from 'vitest'
import { verdictOf } from '../../../src/apply/switch/machine.ts'
import { exploreFleet, type Fleet } from './fleet-model.ts'

const hosts = (fleet: Fleet) => [...fleet.hosts.values()]
const kept = (fleet: Fleet) => hosts(fleet).filter(({ record }) => record === 'kept')

/** Nobody but a machine that is done judges. */
function checkVerdict(fleet: Fleet): void {
  if (!fleet.runnerLives || fleet.state.stage !== 'done') return
  switch (verdictOf(fleet.state)) {
    case 'kept':
      for (const host of hosts(fleet)) expect([host.link, host.record]).toStrictEqual(['new', 'kept'])
      return
    case 'put-back':
    case 'not-switched':
      for (const { link } of hosts(fleet)) expect(link).toBe('old')
      return
    case 'split-or-unknown':
      return
  }
}

/** When nothing can happen any more: hosts on different revisions are told by their journals. */
function checkTheEnd(fleet: Fleet): void {
  const revisions = new Set(hosts(fleet).map(({ link }) => link))
  const records = hosts(fleet).map(({ record }) => record)
  if (revisions.size > 1) {
    const isTold =
      records.includes('open') || (records.includes('kept') && records.some(record => record !== 'kept'))
    expect(isTold, records.join()).toBe(true)
  }
  if (kept(fleet).length === 0)
    for (const { link, record } of hosts(fleet)) if (link === 'new') expect(record).toBe('open')
  for (const { record, link } of kept(fleet)) expect([record, link]).toStrictEqual(['kept', 'new'])
  if (fleet.runnerLives) expect(fleet.state.stage).toBe('done')
}

describe('runner, hosts and what is between them, in every order of messages, losses and deaths', () => {
  test.each([
    [1, 3],
    [2, 2],
    [3, 1],
  ])(
    'with %i hosts and %i faults: no verdict is wrong, no split is silent, everything ends',
    (count, faults) => {
      const verdicts = new Set<string>()
      exploreFleet(count, faults, (fleet, last) => {
        checkVerdict(fleet)
        if (last) checkTheEnd(fleet)
        if (fleet.runnerLives && fleet.state.stage === 'done') verdicts.add(verdictOf(fleet.state))
        // Before the first keep left, no host may have kept.
        if (fleet.state.stage !== 'keeping' && fleet.state.stage !== 'done')
          expect(kept(fleet)).toStrictEqual([])
      })
      expect(verdicts).toStrictEqual(new Set(['kept', 'put-back', 'not-switched', 'split-or-unknown']))
    },
  )
})
