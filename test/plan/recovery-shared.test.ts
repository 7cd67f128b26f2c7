import { expect, test } from 'vitest'
import type { SharedFacts } from '../../src/model/facts.ts'
import type { RecoverWay } from '../../src/model/plan.ts'
import { planRecovery } from '../../src/plan/plan-recovery.ts'
import { findRecovery } from '../../src/plan/recovery.ts'
import { aRevision, aRun, aTarget, factsOf, seen } from '../support/builders.ts'
import { planOf, problemsText } from '../support/plan-text.ts'
import { aStageHistory, deployed, putBack } from '../support/stage-histories.ts'

const standing = (kind: SharedFacts['kind']): SharedFacts => ({
  ...{ kind, mode: undefined, owner: undefined, why: undefined },
})
const nothing = new Map(['media', 'var', 'local.ini'].map(path => [path, standing('absent')]))
const everything = new Map([
  ...(['media', 'var'] as const).map(path => [path, standing('directory')] as const),
  ['local.ini', standing('file')] as const,
])
const target = aTarget({ shared: { directories: ['media', 'var'], files: ['local.ini'] } })

/** web1 kept the switch to 1.4.0, web2 put it back; 1.4.0 was sealed with these links, and on web2 nothing is shared yet. */
function recovered(way: RecoverWay, links: readonly string[]) {
  const revisions = [aRevision('1.3.0', { shared: links }), aRevision('1.4.0', { shared: links })]
  const before = deployed('1.3.0')
  const observations = seen(
    factsOf(
      'web1',
      { production: aStageHistory([before, deployed('1.4.0')]) },
      { revisions, shared: everything },
    ),
    factsOf(
      'web2',
      { production: aStageHistory([before, putBack('1.4.0')]) },
      { revisions, shared: nothing },
    ),
  )
  const sought = findRecovery(target, observations)
  if (sought.kind !== 'split') throw new Error('there is no split')
  return planRecovery(target, sought.recovery, way, aRun)
}

test('forward: directories that the revision links to are made where they are missing, as by a deploy', () => {
  const { hosts } = planOf(recovered('forward', ['media']))
  expect(hosts.map(({ host, makes }) => [host, makes])).toEqual([
    ['web1', []],
    ['web2', ['media']],
  ])
})

test('forward: a file that the revision links to has to be there', () => {
  const planned = recovered('forward', ['local.ini'])
  expect(planned.kind === 'refused' && problemsText(planned.problems)).toMatchInlineSnapshot(
    `"web2 ! shared-file: the shared file /var/webcode/shared/local.ini is missing → put it there once: no deploy makes or changes it"`,
  )
})

test('forward: what the revision does not link to is not asked for', () => {
  expect(planOf(recovered('forward', [])).hosts.map(({ makes }) => makes)).toEqual([[], []])
})

test('back: a host whose link is right already is asked for nothing', () => {
  expect(planOf(recovered('back', ['local.ini'])).warnings).toEqual([])
})
