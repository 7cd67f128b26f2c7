import { describe, expect, test } from 'vitest'
import { defineRecipe, fact } from '../../../src/index.ts'
import type { HostCheck, Inspection, SealedFacts } from '../../../src/model/check.ts'
import type { HostFacts, SharedFacts } from '../../../src/model/facts.ts'
import { checkQuestions, checkStage, type Inspected } from '../../../src/plan/check/check-stage.ts'
import { aHost, aRevision, aTarget, digestOf, factsOf, seen, unread } from '../../support/builders.ts'
import { aStageHistory, deployed, leftOpen, linkTo } from '../../support/stage-histories.ts'

const sealed = (
  changes: Partial<SealedFacts> = {},
  tree: Partial<SealedFacts['tree']> = {},
): SealedFacts => ({
  ...{ sha256: digestOf('1.4.0'), treeDigest: digestOf('tree'), sdist: digestOf('1.4.0') },
  ...{ python: '3.11.2', executable: '.env/bin/python', interpreter: undefined, builders: [], dangling: [] },
  ...changes,
  tree: {
    ...{ digest: digestOf('tree'), listed: true, changes: [], changesTotal: 0 },
    ...{ writable: [], writableTotal: 0, strange: [], strangeTotal: 0 },
    ...tree,
  },
})

const anInspection = (changes: Partial<Inspection> = {}): Inspection => ({
  ...{ group: 'deploy', groups: ['deploy'], sealed: sealed(), why: undefined },
  ...{ leftovers: [], leftoversTotal: 0, busy: false, clock: { offsetMs: 3, errorMs: 2 }, answers: [] },
  paths: [
    directory('', 0o755),
    directory('.stage', 0o700),
    ...['locks', 'rejected', 'sdists', 'tools', 'incoming', 'frozen', 'trees'].map(name =>
      directory(`.stage/${name}`),
    ),
    { ...directory('.stage/root.json', 0o644), kind: 'file' },
    { ...directory('.stage/journal.jsonl', 0o644), kind: 'file' },
    directory('shop-1.4.0', 0o555),
  ],
  ...changes,
})

const directory = (path: string, mode = 0o755) =>
  ({ path, kind: 'directory', owner: 'deploy', group: 'deploy', mode }) as const

/** How web1 looks, and web2 as it should. */
interface Case {
  readonly facts?: Partial<HostFacts>
  readonly history?: Parameters<typeof aStageHistory>[1]
  readonly moves?: Parameters<typeof aStageHistory>[0]
  readonly inspection?: Partial<Inspection>
  readonly target?: Parameters<typeof aTarget>[0]
}

const kept = [deployed('1.3.0'), deployed('1.4.0')]

function checked({ facts, history, moves = kept, inspection, target }: Case = {}) {
  const stage = aTarget(target)
  const observations = seen(
    factsOf('web1', { production: aStageHistory(moves, history) }, facts),
    factsOf('web2', { production: aStageHistory(kept) }),
  )
  const questions = checkQuestions(stage, observations)
  const looks = new Map<string, Inspected>([
    ['web1', { kind: 'inspected', inspection: anInspection(inspection) }],
    ['web2', { kind: 'inspected', inspection: anInspection() }],
  ])
  return checkStage(stage, observations, questions, looks)
}

/** Every row of web1 on two lines: what differs, and what mends it. */
function rows(how: Case = {}): string {
  const host = checked(how).hosts.get('web1')
  const drift = host?.kind === 'read' ? host.drift : []
  return `\n${drift
    .map(({ field, expected, actual, severity, recipe, mend }) => {
      const mark = `${severity === 'warning' ? '! ' : ''}${recipe === undefined ? '' : `[${recipe}] `}`
      const way = mend.kind === 'advice' ? `(${mend.text})` : `${mend.on}: ${mend.command}`
      return `${mark}${field}: ${expected} ≠ ${actual}\n  ${way}`
    })
    .join('\n')}\n`
}

const withTree = (tree: Partial<SealedFacts['tree']>): Case => ({
  inspection: { sealed: sealed({}, tree) },
})

test('hosts that are as expected have no rows', () => {
  const drift = (check: HostCheck | undefined) => (check?.kind === 'read' ? check.drift : undefined)
  const { hosts, split } = checked()
  expect({ split, web1: drift(hosts.get('web1')), web2: drift(hosts.get('web2')) }).toEqual({
    ...{ split: undefined, web1: [], web2: [] },
  })
})

test('a host that was not read has its reason', () => {
  const observations = seen(factsOf('web1', { production: aStageHistory(kept) }), unread('web2'))
  const target = aTarget()
  const { hosts } = checkStage(target, observations, checkQuestions(target, observations), new Map())
  expect(hosts.get('web2')).toMatchObject({ kind: 'unread', reason: 'no route to host' })
})

describe('the account and the places', () => {
  test('another user than the configured one, and root', () => {
    expect(
      [rows({ facts: { user: 'ana' } }), rows({ facts: { user: 'root', uid: 0 } })].join(''),
    ).toMatchInlineSnapshot(`
      "
      account: deploy ≠ ana
        (log in as the user that the configuration names)

      account: deploy ≠ root
        (deploy as a user of its own: a seal does not bind root)
      "
    `)
  })

  test('a configuration that names no user expects what belongs to the one that was logged in as', () => {
    const hosts = [aHost('web1', { user: undefined }), aHost('web2')]
    expect(rows({ target: { hosts }, facts: { user: 'ana' } }).split('\n')[1]).toBe(
      'root: owner: ana ≠ deploy',
    )
  })

  test('a root that is closed to readers or has a set-group-id bit is as good', () => {
    const paths = anInspection().paths.map(path => (path.path === '' ? { ...path, mode: 0o2750 } : path))
    expect(rows({ inspection: { paths } })).toBe('\n\n')
  })

  test('a root that was never deployed to has one row for all records', () => {
    const paths = anInspection()
      .paths.filter(({ path }) => path !== 'shop-1.4.0')
      .map(path => (path.path === '' ? path : ({ ...path, kind: 'absent', mode: undefined } as const)))
    const nothing: Partial<Inspection> = { paths, sealed: undefined }
    expect(rows({ moves: [], inspection: nothing })).toMatchInlineSnapshot(`
      "
      .stage: a directory ≠ nothing
        runner: deploy production
      live: shop-1.4.0 (the latest switch went there) ≠ none
        runner: deploy production --hosts web1
      "
    `)
  })

  test('records that are something else, too open, or closed to their owner', () => {
    const paths = anInspection().paths.map(path => {
      if (path.path === '.stage/locks') return { ...path, mode: 0o777 }
      if (path.path === '.stage') return { ...path, mode: 0o711 }
      if (path.path === '.stage/tools') return { ...path, kind: 'link' as const }
      return path.path === '.stage/incoming' ? { ...path, mode: 0o500, owner: 'root' } : path
    })
    expect(rows({ inspection: { paths } })).toMatchInlineSnapshot(`
      "
      .stage: mode: for its owner alone ≠ 0711
        host: chmod go-rwx /var/webcode/.stage
      .stage/locks: mode: written by its owner only ≠ 0777
        host: chmod go-w /var/webcode/.stage/locks
      .stage/tools: a directory ≠ a link
        (the records of the root are damaged: restore them, or begin with a new root)
      .stage/incoming: owner: deploy ≠ root
        host as root: chown deploy /var/webcode/.stage/incoming
      .stage/incoming: mode: open to its owner ≠ 0500
        host: chmod u+rwx /var/webcode/.stage/incoming
      "
    `)
  })
})

describe('the link', () => {
  test("that stood there before anything was kept is nobody's mistake: a warning, and nothing to remove", () => {
    const history = { link: linkTo('old-site'), stack: [], wasLive: [], switches: [] }
    expect(rows({ moves: [], history })).toMatchInlineSnapshot(`
      "
      ! link production: none yet ≠ old-site
        runner: deploy production
      "
    `)
  })

  test('that was moved by hand is switched back where the revision stands', () => {
    const inspection = { sealed: sealed({ sha256: digestOf('1.3.0'), sdist: digestOf('1.3.0') }) }
    expect(rows({ history: { link: linkTo('shop-1.3.0') }, inspection })).toMatchInlineSnapshot(`
      "
      link production: shop-1.4.0 ≠ shop-1.3.0
        runner: deploy rollback production --to shop-1.4.0 --hosts web1
      "
    `)
  })

  test('of a host that the latest switch did not reach is told', () => {
    const inspection = { sealed: sealed({ sha256: digestOf('1.3.0'), sdist: digestOf('1.3.0') }) }
    expect(rows({ moves: [deployed('1.3.0')], inspection })).toMatchInlineSnapshot(`
      "
      live: shop-1.4.0 (the latest switch went there) ≠ shop-1.3.0
        runner: deploy production --hosts web1
      "
    `)
  })

  test('of an open switch is not judged; the switch is', () => {
    const moves = [deployed('1.3.0'), leftOpen('1.4.0', { hosts: ['web1'] })]
    expect(rows({ moves })).toMatchInlineSnapshot(`
      "
      switch s2: kept or put back ≠ open, shop-1.3.0 → shop-1.4.0
        runner: deploy recover production --back
      "
    `)
  })

  test('that is a directory is for a person', () => {
    expect(rows({ history: { link: { kind: 'directory' } } })).toMatchInlineSnapshot(`
      "
      link production: shop-1.4.0 ≠ a directory
        (move /var/webcode/production away)
      "
    `)
  })
})

describe('the live revision', () => {
  test('names what changed in it, and takes back what can be taken back', () => {
    const how = [
      'changed',
      'added',
      'removed',
      'replaced',
      'executable',
      'not-executable',
      'unread',
      'touched',
    ] as const
    const changes = [
      ...how.map(one => ({ path: `src/${one}`, how: one, was: undefined })),
      { path: "it's", how: 'relinked' as const, was: 'a b' },
    ]
    expect(rows(withTree({ digest: digestOf('other'), changes, changesTotal: 20 }))).toMatchInlineSnapshot(`
      "
      shop-1.4.0/src/changed: as sealed ≠ its content changed
        runner: deploy rollback production
      shop-1.4.0/src/added: nothing ≠ added
        host: chmod u+w /var/webcode/shop-1.4.0/src && chmod -R u+w /var/webcode/shop-1.4.0/src/added && rm -r /var/webcode/shop-1.4.0/src/added && chmod a-w /var/webcode/shop-1.4.0/src
      shop-1.4.0/src/removed: as sealed ≠ removed
        runner: deploy rollback production
      shop-1.4.0/src/replaced: as sealed ≠ something of another kind
        runner: deploy rollback production
      shop-1.4.0/src/executable: not executable ≠ executable
        host: chmod a-x /var/webcode/shop-1.4.0/src/executable
      shop-1.4.0/src/not-executable: executable ≠ not executable
        host: chmod a+x /var/webcode/shop-1.4.0/src/not-executable
      shop-1.4.0/src/unread: as sealed ≠ it cannot be read
        host: chmod a+rX /var/webcode/shop-1.4.0/src/unread
      shop-1.4.0/src/touched: as sealed ≠ changed after the seal
        runner: deploy rollback production
      shop-1.4.0/it's: a link to a b ≠ a link to something else
        host: chmod u+w /var/webcode/shop-1.4.0 && ln -sfn 'a b' '/var/webcode/shop-1.4.0/it'\\''s' && chmod a-w /var/webcode/shop-1.4.0
      shop-1.4.0: entries: as sealed ≠ 11 more that are not
        runner: deploy rollback production
      "
    `)
  })

  test('what was added goes as a whole, by root where root owns something in it', () => {
    const tree = {
      changes: [{ path: 'new', how: 'added' as const, was: undefined }],
      changesTotal: 1,
      writable: [{ path: 'new/a', mode: 0o644 }],
      strange: [{ path: 'new/a', owner: 'root' }],
      ...{ writableTotal: 1, strangeTotal: 1 },
    }
    expect(rows(withTree({ digest: digestOf('other'), ...tree }))).toMatchInlineSnapshot(`
      "
      shop-1.4.0/new: nothing ≠ added
        host as root: chmod u+w /var/webcode/shop-1.4.0 && chmod -R u+w /var/webcode/shop-1.4.0/new && rm -r /var/webcode/shop-1.4.0/new && chmod a-w /var/webcode/shop-1.4.0
      "
    `)
  })

  test('a path that cannot be copied from a terminal is left to a person', () => {
    const writable = [{ path: 'a\nb', mode: 0o644 }]
    expect(rows(withTree({ writable, writableTotal: 1 }))).toMatchInlineSnapshot(`
      "
      shop-1.4.0/a
      b: mode: read-only ≠ 0644
        (by hand, for the sake of its name: /var/webcode/shop-1.4.0/a\\nb)
      "
    `)
  })

  test('without a previous revision that stands its way out is a new version', () => {
    const changes = [{ path: 'a', how: 'changed' as const, was: undefined }]
    const inspection = { sealed: sealed({}, { digest: digestOf('other'), changes, changesTotal: 1 }) }
    expect(rows({ moves: [deployed('1.4.0')], inspection })).toMatchInlineSnapshot(`
      "
      shop-1.4.0/a: as sealed ≠ its content changed
        (ship a new version: deploy production)
      "
    `)
  })

  test('interpreter, sdist, sha256 and shared files', () => {
    const other = sealed({
      ...{
        sha256: digestOf('other'),
        sdist: undefined,
        interpreter: 'its interpreter does not run: exit status 127',
      },
      dangling: [{ path: 'media', target: 'media' }],
    })
    expect(
      rows({ inspection: { sealed: other } }).replaceAll(/[0-9a-f]{64}/g, 'SHA256'),
    ).toMatchInlineSnapshot(`
      "
      sha256 of shop-1.4.0: SHA256 ≠ SHA256
        runner: deploy rollback production
      interpreter of shop-1.4.0: Python 3.11 ≠ its interpreter does not run: exit status 127
        (install Python 3.11 where shop-1.4.0/.env/bin/python leads, or ship a new version, which is built with what is there)
      sdist of shop-1.4.0: SHA256 ≠ not there
        (copy /var/webcode/.stage/sdists/shop-1.4.0.tar.gz from another host: only a host that has yet to build it would miss it)
      shop-1.4.0/media: shared/media ≠ not there
        (put it back at /var/webcode/shared/media)
      "
    `)
  })
})

describe('what revisions share', () => {
  const share = { directories: ['media'], files: ['local.py'] }
  const revisions = [aRevision('1.3.0'), aRevision('1.4.0', { shared: ['local.py', 'media'] })]
  const standing = (kind: SharedFacts['kind'], mode = 0o755): SharedFacts => ({
    ...{ kind, mode, owner: 'deploy', why: undefined },
  })
  const whole = { media: standing('directory'), 'local.py': standing('file', 0o644) }
  const sharing = (found: Readonly<Record<string, SharedFacts>>, facts: Partial<HostFacts> = {}) =>
    rows({
      target: { shared: share },
      facts: { revisions, ...facts, shared: new Map(Object.entries(found)) },
    })

  test('is as configured, and the live revision has links for it', () => {
    expect(sharing({ ...whole, 'production.env': standing('file', 0o600) })).toBe('\n\n')
  })

  test('is missing, or is something else: each path is one row, its link has none of its own', () => {
    const found = { media: standing('absent'), 'local.py': standing('directory') }
    const inspection = { sealed: sealed({ dangling: [{ path: 'media', target: 'media' }] }) }
    expect(
      rows({
        ...{ target: { shared: share }, inspection },
        facts: { revisions, shared: new Map(Object.entries(found)) },
      }),
    ).toMatchInlineSnapshot(`
      "
      shared/media: a directory ≠ nothing
        host: mkdir -p -m 755 /var/webcode/shared/media
      shared/local.py: a file ≠ a directory
        (move /var/webcode/shared/local.py away, and put the file there)
      "
    `)
  })

  test('the variables of the stage can be read by others', () => {
    expect(sharing({ ...whole, 'production.env': standing('file', 0o640) })).toMatchInlineSnapshot(`
      "
      shared/production.env: mode: for its owner alone ≠ 0640
        host: chmod 600 /var/webcode/shared/production.env
      "
    `)
  })

  test('the live revision was sealed before it was configured', () => {
    expect(sharing(whole, { revisions: [aRevision('1.3.0'), aRevision('1.4.0')] })).toMatchInlineSnapshot(`
      "
      shop-1.4.0: what is shared: local.py, media ≠ nothing
        (a sealed revision never changes, ship a new version: deploy production)
      "
    `)
  })
})

describe('the rest of the host', () => {
  test('a rollback would miss the previous revision; of an older one it is a warning that it does not stand', () => {
    const gone = { stands: false, why: 'its interpreter is gone' }
    const revisions = [aRevision('1.2.0', gone), aRevision('1.3.0', gone), aRevision('1.4.0')]
    expect(rows({ facts: { revisions } })).toMatchInlineSnapshot(`
      "
      ! shop-1.2.0: stands ≠ its interpreter is gone
        (it is never switched to, and goes when no stage keeps it)
      shop-1.3.0, the one to roll back to: stands ≠ its interpreter is gone
        (ship a new version: deploy production)
      "
    `)
  })

  const left = (ageS: number) => ({ path: '.stage/incoming/a b', kind: 'incoming', ageS }) as const

  test('leftovers are for prune when they are a day old, and by hand before', () => {
    const leftovers = [left(100), left(2 * 86_400)]
    expect(rows({ inspection: { leftovers, leftoversTotal: 2 } })).toMatchInlineSnapshot(`
      "
      .stage/incoming/a b: nothing ≠ an upload or a build that was left, less than an hour old
        host: chmod -R u+w '/var/webcode/.stage/incoming/a b' && rm -r '/var/webcode/.stage/incoming/a b'
      .stage/incoming/a b: nothing ≠ an upload or a build that was left, 48 h old
        runner: deploy prune production
      "
    `)
  })

  test('nothing is called a leftover while a run is at work in the root', () => {
    expect(rows({ inspection: { leftovers: [left(100)], leftoversTotal: 1, busy: true } })).toBe('\n\n')
  })

  test('what was not made here, and a clock that is surely wrong, are warnings', () => {
    const clock = { offsetMs: -9_000, errorMs: 6_000 }
    expect(rows({ facts: { foreign: ['shop-0.1'] }, inspection: { clock } })).toMatchInlineSnapshot(`
      "
      ! shop-0.1: nothing ≠ it was not made here
        (look at /var/webcode/shop-0.1; it is never touched)
      ! clock: that of this machine, within 2 s ≠ 9.0 s behind (± 6.0 s)
        (set the clock of the host or of this machine: \`timedatectl set-ntp true\` keeps it)
      "
    `)
  })

  test('a clock that the round trip may excuse is right', () => {
    expect(rows({ inspection: { clock: { offsetMs: 9_000, errorMs: 7_000 } } })).toBe('\n\n')
  })

  test('the root of another host', () => {
    const twin = { ...factsOf('web1').root, id: 'root of web2' }
    expect(rows({ facts: { root: twin } })).toMatchInlineSnapshot(`
      "
      root id: its own ≠ that of web2
        (every root is one host: take one of the two out)
      "
    `)
  })
})

describe('what recipes expect', () => {
  const worker = defineRecipe({
    name: 'worker',
    requires: ['psql'],
    expect: ({ stage, live, paths }) => [
      {
        field: `unit shop-${stage}`,
        expected: `active in ${live}`,
        actual: fact(['true'], out => out),
        mend: { kind: 'command', on: 'host as root', command: 'systemctl restart shop' },
      },
      {
        field: 'settings',
        expected: 'complete',
        actual: fact(['cat', paths.shared], out => out),
        severity: 'warning',
        mend: { kind: 'advice', text: 'write them' },
      },
    ],
  })
  const target = { recipes: [worker] }
  const programs = new Map([['psql', '/usr/bin/psql']])

  test('is no row where the answer is the expected one', () => {
    const answers = ['active in shop-1.4.0', 'complete'].map(
      actual => ({ kind: 'answered', actual }) as const,
    )
    expect(rows({ target, facts: { programs }, inspection: { answers } })).toBe('\n\n')
  })

  test('is a row of that recipe where it differs or could not be found out, and where a program is gone', () => {
    const answers = [
      { kind: 'answered', actual: 'inactive' },
      { kind: 'unanswered', reason: 'exit 1: no such file' },
    ] as const
    expect(rows({ target, inspection: { answers } })).toMatchInlineSnapshot(`
      "
      [worker] program psql: on the PATH ≠ not there
        (install psql on the host)
      [worker] unit shop-production: active in shop-1.4.0 ≠ inactive
        host as root: systemctl restart shop
      ! [worker] settings: complete ≠ could not be found out: exit 1: no such file
        (write them)
      "
    `)
  })

  test('of a recipe that throws is a row that says so', () => {
    const broken = defineRecipe({
      name: 'broken',
      expect: () => {
        throw new Error('no')
      },
    })
    expect(rows({ target: { recipes: [broken] } })).toMatchInlineSnapshot(`
      "
      [broken] recipe broken: what it expects ≠ it threw Error: no
        (see what the recipe broken asks)
      "
    `)
  })
})
