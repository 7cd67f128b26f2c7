import { describe, expect, test } from 'vitest'
import { verdictOf } from '../../../src/apply/switch/machine.ts'
import { openSwitches } from '../../../src/plan/open-switches.ts'
import { factsOf, seen } from '../../support/builders.ts'
import {
  aStageHistory,
  deployed,
  leftOpen,
  type Move,
  putBack,
  stuckOpen,
} from '../../support/stage-histories.ts'
import type { Fleet, ModelHost } from './fleet.ts'
import { exploreFleet } from './fleet-model.ts'

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

const histories = {
  none: [deployed('1.3.0')],
  open: [deployed('1.3.0'), leftOpen('1.4.0')],
  stuck: [deployed('1.3.0'), stuckOpen('1.4.0')],
  kept: [deployed('1.3.0'), deployed('1.4.0')],
  'put-back': [deployed('1.3.0'), putBack('1.4.0')],
} as const satisfies Record<ModelHost['record'], readonly Move[]>

/** What the next command sees: a split that is refused, or a switch that is put back first. */
function detected(fleet: Fleet): 'split' | 'open' | 'nothing' {
  const names = [...fleet.hosts.keys()]
  const facts = [...fleet.hosts].map(([name, { record }]) =>
    factsOf(name, { production: aStageHistory(histories[record], { hosts: names }) }),
  )
  const { splits, toPutBack } = openSwitches('production', seen(...facts), new Set(names))
  return splits.length > 0 ? 'split' : toPutBack.size > 0 ? 'open' : 'nothing'
}

/** When nothing can happen any more: hosts on different revisions are seen by whoever looks next. */
function checkTheEnd(fleet: Fleet): void {
  const revisions = new Set(hosts(fleet).map(({ link }) => link))
  if (revisions.size > 1)
    expect(
      detected(fleet),
      hosts(fleet)
        .map(({ record }) => record)
        .join(),
    ).not.toBe('nothing')
  // What was tried and failed is not for the next run to try again behind everybody's back.
  if (hosts(fleet).some(({ record }) => record === 'stuck')) expect(detected(fleet)).toBe('split')
  if (kept(fleet).length === 0)
    for (const { link, record } of hosts(fleet))
      if (link === 'new') expect(['open', 'stuck']).toContain(record)
  for (const { record, link } of kept(fleet)) expect([record, link]).toStrictEqual(['kept', 'new'])
  if (fleet.runnerLives) expect(fleet.state.stage).toBe('done')
}

/** Some hundred thousand fleets are visited: ten seconds on an idle machine, more on one that runs other tests beside. */
const EXPLORING_MS = 180_000

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
    EXPLORING_MS,
  )
})
