import { describe, expect, test } from 'vitest'
import type { Observation } from '../../src/model/facts.ts'
import type { Target } from '../../src/model/target.ts'
import { chooseRollback } from '../../src/plan/choose-rollback.ts'
import { aHost, aRevision, aTarget, factsOf, seen, unread } from '../support/builders.ts'
import { problemsText } from '../support/plan-text.ts'
import {
  aStageHistory,
  bothAfter,
  deployed,
  leftOpen,
  linkTo,
  putBack,
  rolledBack,
} from '../support/stage-histories.ts'

function choice(
  observations: ReadonlyMap<string, Observation>,
  options: { readonly to?: string; readonly target?: Target } = {},
): string {
  const { to, target = aTarget() } = options
  const chosen = chooseRollback(target, observations, to)
  return chosen.kind === 'chosen' ? chosen.value.name : problemsText(chosen.problems)
}

describe('a rollback goes to the previous revision', () => {
  test('after a deploy', () => {
    expect(choice(bothAfter(deployed('1.2'), deployed('1.3')))).toBe('shop-1.2')
  })

  test('after a deploy that failed and was put back: live is good, and the one before it is meant', () => {
    expect(choice(bothAfter(deployed('1.2'), deployed('1.3'), putBack('1.4')))).toBe('shop-1.2')
  })

  test('when live is not the newest: prepared revisions do not count', () => {
    const prepared = { revisions: ['1.2', '1.3', '1.4'].map(version => aRevision(version)) }
    const hosts = ['web1', 'web2'].map(host =>
      factsOf(host, { production: aStageHistory([deployed('1.2'), deployed('1.3')]) }, prepared),
    )
    expect(choice(seen(...hosts))).toBe('shop-1.2')
  })

  test('twice goes further back, never forward to the bad one', () => {
    expect(choice(bothAfter(deployed('1.1'), deployed('1.2'), deployed('1.3'), rolledBack('1.2')))).toBe(
      'shop-1.1',
    )
  })

  test('from a link that was moved by hand, to what was kept last', () => {
    const history = aStageHistory([deployed('1.2'), deployed('1.3')], { link: linkTo('shop-1.1') })
    const hosts = ['web1', 'web2'].map(host => factsOf(host, { production: history }))
    expect(choice(seen(...hosts))).toBe('shop-1.3')
  })

  test('of a switch that was fired and never kept: back to where it was fired from', () => {
    expect(choice(bothAfter(deployed('1.2'), deployed('1.3'), leftOpen('1.4')))).toBe('shop-1.3')
  })

  test('of such a switch to a revision that had been live before', () => {
    expect(choice(bothAfter(deployed('1.1'), deployed('1.2'), deployed('1.3'), leftOpen('1.2')))).toBe(
      'shop-1.3',
    )
  })
})

describe('a rollback is refused', () => {
  test('on the first revision ever', () => {
    expect(choice(bothAfter(deployed('1.0')))).toMatchInlineSnapshot(
      `"production ! no-previous: there is no revision before shop-1.0 to roll production back to → see \`deploy history production\`"`,
    )
  })

  test('where nothing was ever live', () => {
    expect(choice(bothAfter())).toMatchInlineSnapshot(
      `"production ! no-previous: production was never switched: there is nothing to roll back to → see \`deploy history production\`"`,
    )
  })

  test('where hosts disagree on live or previous', () => {
    const hosts = seen(
      factsOf('web1', { production: aStageHistory([deployed('1.2'), deployed('1.3')]) }),
      factsOf('web2', { production: aStageHistory([deployed('1.3')]) }),
    )
    expect(choice(hosts)).toMatchInlineSnapshot(`
      "web1 ! hosts-disagree: is live on shop-1.3, before that shop-1.2: the hosts of production do not agree → say which revision: \`deploy rollback production --to REVISION\`
      web2 ! hosts-disagree: is live on shop-1.3, before that nothing: the hosts of production do not agree → say which revision: \`deploy rollback production --to REVISION\`"
    `)
  })

  test('while there is a split, which is said and not the disagreement that comes of it', () => {
    const hosts = seen(
      factsOf('web1', { production: aStageHistory([deployed('1.3'), leftOpen('1.4')]) }),
      factsOf('web2', { production: aStageHistory([deployed('1.3'), deployed('1.4')]) }),
    )
    expect(choice(hosts)).toMatchInlineSnapshot(
      `
      "production ! split: the switch s2 of 2026-11-20T11:59:00.002Z from shop-1.3 to shop-1.4 is split: web1 has it open, web2 kept it → look at it with \`deploy status production\`
      then decide for all of them: \`deploy recover production --back\` or \`deploy recover production --forward\`"
    `,
    )
    expect(choice(hosts, { to: 'shop-1.3' })).toBe(choice(hosts))
  })

  test('while a host cannot be read', () => {
    const hosts = seen(unread('web1'), unread('web2'))
    expect(choice(hosts)).toMatchInlineSnapshot(`
      "web1 ! unreachable: no route to host
      web2 ! unreachable: no route to host"
    `)
  })
})

describe('--to', () => {
  test('decides where hosts disagree', () => {
    const hosts = seen(
      factsOf('web1', { production: aStageHistory([deployed('1.2'), deployed('1.3')]) }),
      factsOf('web2', { production: aStageHistory([deployed('1.2')]) }),
    )
    expect(choice(hosts, { to: 'shop-1.2' })).toBe('shop-1.2')
  })

  test('of a revision that no host has is refused, and those are named that stand on all hosts', () => {
    const hosts = seen(
      factsOf('web1', {}, { revisions: [aRevision('1.1'), aRevision('1.2'), aRevision('1.3')] }),
      factsOf('web2', {}, { revisions: [aRevision('1.1', { stands: false }), aRevision('1.2')] }),
    )
    expect(choice(hosts, { to: 'shop-0.5' })).toMatchInlineSnapshot(
      `"production ! not-standing: no host has the revision shop-0.5 → the revisions that stand on all hosts are: shop-1.2"`,
    )
  })

  test('of a version alone is refused, and the revision that it probably means is named', () => {
    expect(choice(bothAfter(deployed('1.2'), deployed('1.3')), { to: '1.2' })).toMatchInlineSnapshot(
      `"production ! not-standing: no host has the revision 1.2 → did you mean shop-1.2? the revisions that stand on all hosts are: shop-1.2, shop-1.3"`,
    )
  })

  test('takes the bytes of a copy that stands', () => {
    const hosts = seen(
      factsOf('web1', {}, { revisions: [aRevision('1.2', { sha256: '', stands: false })] }),
      factsOf('web2', {}, { revisions: [aRevision('1.2')] }),
    )
    const chosen = chooseRollback(aTarget(), hosts, 'shop-1.2')
    expect(chosen).toMatchObject({ kind: 'chosen', value: { sha256: aRevision('1.2').sha256 } })
  })
})

test('only the selected hosts are asked for their history', () => {
  const target = aTarget({ hosts: [aHost('web1')], leftOut: ['web2'] })
  const hosts = seen(
    factsOf('web1', { production: aStageHistory([deployed('1.2'), deployed('1.3')]) }),
    factsOf('web2'),
  )
  expect(choice(hosts, { target })).toBe('shop-1.2')
})
