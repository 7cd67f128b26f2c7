import { describe, expect, test } from 'vitest'
import type { SharedFacts } from '../../src/model/facts.ts'
import type { Problem } from '../../src/model/problem.ts'
import { planRun } from '../../src/plan/plan-run.ts'
import { sharedToLookAt } from '../../src/plan/preflight-shared.ts'
import type { PlanRequest } from '../../src/plan/request.ts'
import { aHost, aRevision, aRun, aTarget, factsOf, seen, toDeploy, toRollBack } from '../support/builders.ts'
import { aStageHistory, deployed } from '../support/stage-histories.ts'

const target = aTarget({
  hosts: [aHost('web1')],
  shared: { directories: ['media', 'var/log'], files: ['config/local.ini'] },
})
const linked = ['config/local.ini', 'media', 'var/log']

const of = (kind: SharedFacts['kind'], mode?: number, why?: string): SharedFacts => ({
  kind,
  mode,
  owner: 'deploy',
  why,
})
const allThere = {
  media: of('directory', 0o755),
  'var/log': of('directory', 0o755),
  'config/local.ini': of('file', 0o640),
  'production.env': of('file', 0o600),
}

function plannedOn(shared: Readonly<Record<string, SharedFacts>>, request: PlanRequest = toDeploy('1.4.0')) {
  const stages = { production: aStageHistory([deployed('1.2.0'), deployed('1.3.0')]) }
  const revisions = ['1.2.0', '1.3.0'].map(version => aRevision(version, { shared: linked }))
  const facts = factsOf('web1', stages, { shared: new Map(Object.entries(shared)), revisions })
  return planRun(target, seen(facts), request, aRun)
}

const said = (problems: readonly Problem[]): string =>
  problems
    .map(({ severity, code, where, message, hint }) => `${severity} ${code} ${where}: ${message} -> ${hint}`)
    .join('\n')

const problemsOn = (shared: Readonly<Record<string, SharedFacts>>, request?: PlanRequest): string => {
  const planned = plannedOn(shared, request)
  switch (planned.kind) {
    case 'plan':
      return said(planned.plan.warnings)
    case 'nothing':
      return said(planned.warnings)
    case 'refused':
      return said(planned.problems)
  }
}

test('looked at are the paths that are shared and the variables of this stage, of no other', () => {
  expect(sharedToLookAt(target)).toEqual(['config/local.ini', 'media', 'var/log', 'production.env'])
})

describe('preflight', () => {
  test('has nothing to say where all is there, and only its owner may read the variables', () => {
    expect(problemsOn(allThere)).toBe('')
  })

  test('names everything that is missing or in the way at once, with the path and what to do', () => {
    const shared = {
      media: of('file', 0o644),
      'var/log': of('absent', undefined, '/var/webcode/shared is not writable for deploy'),
      'config/local.ini': of('absent'),
      'production.env': of('file', 0o644),
    }
    expect(problemsOn(shared)).toMatchInlineSnapshot(`
      "error shared-directory web1: the shared directory /var/webcode/shared/media is not a directory -> make it by hand, for the account of the application
      error shared-directory web1: the shared directory /var/webcode/shared/var/log cannot be made: /var/webcode/shared is not writable for deploy -> make it by hand, for the account of the application
      error shared-file web1: the shared file /var/webcode/shared/config/local.ini is missing -> put it there once: no deploy makes or changes it
      error environment-file web1: the stage's variables in /var/webcode/shared/production.env can be read or written by others: its mode is 0644 -> chmod 600 /var/webcode/shared/production.env"
    `)
  })

  test('takes no directory, and no link that leads nowhere, for a file', () => {
    const shared = {
      ...allThere,
      'config/local.ini': of('other', undefined, 'it is a link that leads nowhere'),
      'production.env': of('directory', 0o755),
    }
    expect(problemsOn(shared)).toMatchInlineSnapshot(`
      "error shared-file web1: the shared file /var/webcode/shared/config/local.ini is not a file: it is a link that leads nowhere -> move it away, and put the file there
      error environment-file web1: /var/webcode/shared/production.env has the place of the stage's variables and is not a file -> move it away"
    `)
  })

  test('wants no file with variables where no unit needs one', () => {
    expect(problemsOn({ ...allThere, 'production.env': of('absent') })).toBe('')
  })

  test('only warns of it on the way back, to what was live with all of this', () => {
    expect(
      problemsOn({ ...allThere, 'config/local.ini': of('absent') }, toRollBack('1.2.0')),
    ).toMatchInlineSnapshot(
      `"warning shared-file web1: the shared file /var/webcode/shared/config/local.ini is missing -> put it there once: no deploy makes or changes it"`,
    )
  })
})

describe('a plan', () => {
  test('makes the directories that are missing, and links everything', () => {
    const planned = plannedOn({ ...allThere, media: of('absent') })
    if (planned.kind !== 'plan') throw new Error(planned.kind)
    expect(planned.plan.hosts.map(({ makes }) => makes)).toEqual([['media']])
    expect(planned.plan.shared).toEqual(linked)
  })

  test('makes them for a revision that stands, too', () => {
    const planned = plannedOn({ ...allThere, media: of('absent') }, toRollBack('1.2.0'))
    if (planned.kind !== 'plan') throw new Error(planned.kind)
    expect(planned.plan.hosts.map(({ makes }) => makes)).toEqual([['media']])
  })
})

describe('a revision that stands, sealed with other links', () => {
  const withLinks = (shared: readonly string[], request: PlanRequest): string => {
    const stages = { production: aStageHistory([deployed('1.2.0'), deployed('1.3.0')]) }
    const revisions = ['1.2.0', '1.3.0', '1.4.0'].map(version => aRevision(version, { shared }))
    const facts = factsOf('web1', stages, { shared: new Map(Object.entries(allThere)), revisions })
    const planned = planRun(target, seen(facts), request, aRun)
    return planned.kind === 'refused' ? said(planned.problems) : planned.kind
  }

  test('is refused, with what it lacks and what it has', () => {
    expect(withLinks(['media', 'old/cache'], toDeploy('1.4.0'))).toMatchInlineSnapshot(
      `"error shared-links web1: shop-1.4.0 was sealed without a link for config/local.ini, var/log, and with one for old/cache, which is not shared any more -> a sealed revision never changes: ship a new version"`,
    )
  })

  test('is switched to where they are the same', () => {
    expect(withLinks(linked, toDeploy('1.4.0'))).toBe('plan')
  })

  test('can be gone back to all the same', () => {
    expect(withLinks([], toRollBack('1.2.0'))).toBe('plan')
  })
})
