import { describe, expect, test } from 'vitest'
import { fleetOf, WITH_NAMESPACES } from './support/fleet-of.ts'
import { treeOf } from './support/hosts.ts'
import { makeProject, withPython } from './support/project.ts'
import { release } from './support/releases.ts'

interface Row {
  readonly field: string
  readonly expected: string
  readonly actual: string
  readonly mend: {
    readonly on: string | null
    readonly asRoot: boolean
    readonly command: string | null
    readonly advice: string | null
  }
}

const fleet = await fleetOf(['web1', 'web2', 'web3'])
const project = await makeProject(fleet, { recipes: [withPython] })
for (const version of ['1.0', '1.1']) await project.deploy(['staging', await release(project, version)])

const root = project.rootOn('web2')
const onWeb2 = async (script: string, as: 'user' | 'root' = 'user') => {
  const { code, stderr } = await fleet.host('web2').run(['sh', '-euc', `cd "$0"; ${script}`, root], { as })
  expect({ script, code, stderr }).toMatchObject({ code: 0 })
}

/** What `check` says of every host: rows, and how it ended. */
async function checked(...flags: readonly string[]) {
  const { code, stdout } = await project.deploy(['check', 'staging', '--json', ...flags])
  const hosts: Readonly<Record<string, { readonly drift: readonly Row[] }>> =
    JSON.parse(stdout).stages.staging.hosts
  const rows = Object.entries(hosts).flatMap(([host, { drift }]) => drift.map(row => ({ host, ...row })))
  return { code, rows }
}

const told = ({ host, field, expected, actual }: Row & { readonly host: string }) =>
  `${host}: ${field}: ${expected} ≠ ${actual.replace(root, 'ROOT')}`

/** Does what stands under each row, in their order. */
async function mend(rows: readonly Row[]) {
  for (const { mend: how } of rows) {
    if (how.command === null) throw new Error(`no command mends it: ${how.advice}`)
    if (how.on !== null) await onWeb2(how.command, how.asRoot ? 'root' : 'user')
    else expect(await project.deploy(how.command.split(' ').slice(1))).toMatchObject({ code: 0 })
  }
}

const untimed = (text: string) => text.replaceAll(/on \d{4}-\d\d-\d\d \d\d:\d\d UTC/g, 'on TIME')

const asExpected = { code: 0, rows: [] }

describe('check', () => {
  test('of hosts that are as expected is one line, and one that says who built for whom', async () => {
    const { code, stdout } = await project.deploy(['check'])
    expect({ code, stdout: untimed(stdout) }).toMatchInlineSnapshot(`
      {
        "code": 0,
        "stdout": "staging  as expected: shop-1.1 on 3 hosts
        wheels of shop-1.1 on web1, web2, web3: built by web1 of staging on TIME

      production  as expected: nothing live on 3 hosts
      ",
      }
    `)
  })

  test('changes not one byte', async () => {
    const before = await treeOf(project.rootOf('web1'))
    expect(await checked()).toEqual(asExpected)
    expect(await treeOf(project.rootOf('web1'))).toEqual(before)
  })

  test('of a stage with a host that is not there ends with 3, and compares the others', async () => {
    await fleet.host('web3').stop()
    await onWeb2('chmod u+w shop-1.1/PKG-INFO')
    const { code, stdout } = await project.deploy(['check', 'staging', '--json'])
    await fleet.host('web3').start()
    await onWeb2('chmod a-w shop-1.1/PKG-INFO')
    expect({ code, hosts: JSON.parse(stdout).stages.staging.hosts }).toMatchObject({
      code: 3,
      hosts: { web2: { drift: [{ field: 'shop-1.1/PKG-INFO: mode' }] }, web3: { reachable: false } },
    })
  })
})

describe('what the account itself can do is found, and mended by what stands under it', () => {
  const left = 'nothing ≠ an upload or a build that was left, less than an hour old'
  const writers = 'written by its owner only ≠ 0775'
  test.each([
    [
      'a writable file of the revision',
      'chmod u+w shop-1.1/PKG-INFO',
      ['shop-1.1/PKG-INFO: mode: read-only ≠ 0644'],
    ],
    ['the revision itself writable', 'chmod 775 shop-1.1', ['shop-1.1: mode: read-only ≠ 0775']],
    ['an executable bit', 'chmod a+x shop-1.1/PKG-INFO', ['shop-1.1/PKG-INFO: not executable ≠ executable']],
    [
      'files that were added',
      'chmod u+w shop-1.1; mkdir shop-1.1/new; touch shop-1.1/new/a "shop-1.1/it\'s"; chmod a-w shop-1.1',
      ["shop-1.1/it's: nothing ≠ added", 'shop-1.1/new: nothing ≠ added'],
    ],
    ['a link to another revision', 'ln -sfn shop-1.0 staging', ['link staging: shop-1.1 ≠ shop-1.0']],
    ['a link by a full path', 'ln -sfn "$PWD/shop-1.1" staging', ['link staging: shop-1.1 ≠ ROOT/shop-1.1']],
    ['a link that is gone', 'rm staging', ['link staging: shop-1.1 ≠ none']],
    [
      'a link that names nothing',
      'ln -sfn shop-9 staging',
      ['link staging: shop-1.1 ≠ shop-9, which is not there'],
    ],
    [
      'something that was left',
      'touch .stage/incoming/shop-9.tar.gz.part; mkdir -p .stage/incoming/b/c',
      [`.stage/incoming/b: ${left}`, `.stage/incoming/shop-9.tar.gz.part: ${left}`],
    ],
    [
      'a root that a group can write',
      'chmod 775 . .stage/locks',
      [`root: mode: ${writers}`, `.stage/locks: mode: ${writers}`],
    ],
    ['a directory of the records', 'rmdir .stage/rejected', ['.stage/rejected: a directory ≠ nothing']],
  ])('%s', async (_, script, expected) => {
    await onWeb2(script)
    const { code, rows } = await checked()
    expect({ code, told: rows.map(told) }).toEqual({ code: 8, told: expected.map(row => `web2: ${row}`) })
    await mend(rows)
    expect(await checked()).toEqual(asExpected)
  })
})

describe.skipIf(!WITH_NAMESPACES)('what only root can do is found', () => {
  test('a file that root added, and a directory that he took', async () => {
    await onWeb2('mkdir shop-1.1/.env/extra; echo x > shop-1.1/.env/extra/a; chown root .stage/locks', 'root')
    const { code, rows } = await checked()
    expect({ code, told: rows.map(told) }).toEqual({
      code: 8,
      told: [
        `web2: .stage/locks: owner: ${fleet.host('web2').user} ≠ root`,
        'web2: shop-1.1/.env/extra: nothing ≠ added',
      ],
    })
    await mend(rows)
    expect(await checked()).toEqual(asExpected)
  })

  test('an sdist that is gone has no command, and says where it is to be had', async () => {
    await onWeb2('mv .stage/sdists/shop-1.1.tar.gz /tmp/kept.tar.gz')
    const { code, rows } = await checked()
    await onWeb2('mv /tmp/kept.tar.gz .stage/sdists/shop-1.1.tar.gz')
    expect({ code, told: rows.map(told), advice: rows[0]?.mend.advice?.replace(root, 'ROOT') }).toMatchObject(
      {
        code: 8,
        told: [expect.stringMatching(/^web2: sdist of shop-1\.1: [0-9a-f]{64} ≠ not there$/)],
        advice: expect.stringContaining('copy ROOT/.stage/sdists/shop-1.1.tar.gz from another host'),
      },
    )
  })

  test('an interpreter that is gone, and sealed files that were edited and removed: back to the previous', async () => {
    await onWeb2(
      'rm shop-1.1/.env/bin/python; rm shop-1.1/pyproject.toml; printf more >> shop-1.1/PKG-INFO',
      'root',
    )
    const { code, stdout } = await project.deploy(['check', 'staging'])
    expect({ code, stdout: `\n${untimed(stdout).replaceAll(root, 'ROOT')}` }).toMatchInlineSnapshot(`
      {
        "code": 8,
        "stdout": "
      staging  1 of 3 hosts not as expected
        wheels of shop-1.1 on web1, web2, web3: built by web1 of staging on TIME
        host  field                     expected     actual
        web2  shop-1.1/.env/bin/python  as sealed    removed
          → deploy rollback staging
        web2  shop-1.1/PKG-INFO         as sealed    its content changed
          → deploy rollback staging
        web2  shop-1.1/pyproject.toml   as sealed    removed
          → deploy rollback staging
        web2  interpreter of shop-1.1   Python 3.11  its interpreter does not run: [Errno 2] No such file or directory: 'ROOT/shop-1.1/.env/bin/python'
          → install Python 3.11 where shop-1.1/.env/bin/python leads, or ship a new version, which is built with what is there
      ",
      }
    `)
    const { rows } = await checked()
    expect(await project.deploy(['rollback', 'staging'])).toMatchObject({ code: 0 })
    expect(new Set(rows.flatMap(row => row.mend.command ?? []))).toEqual(new Set(['deploy rollback staging']))
    const after = await checked()
    expect({ code: after.code, told: after.rows.map(told) }).toEqual({
      code: 0,
      told: ['web2: shop-1.1: stands ≠ its interpreter .env/bin/python is gone'],
    })
  })
})

// The last one: nobody mends it.
test('a split ends with 6, whatever else differs', async () => {
  const again = (what: string) =>
    `grep '"what": *"${what}"' .stage/journal.jsonl | tail -n 1 | sed 's/"id": *"[^"]*"/"id":"split"/' >> .stage/journal.jsonl`
  const script = (...whats: readonly string[]) => whats.map(again).join('; ')
  const onHost = (name: string, text: string) =>
    fleet.host(name).run(['sh', '-euc', `cd "$0"; ${text}`, project.rootOn(name)])
  await onHost('web1', script('intent', 'kept'))
  await onHost('web2', script('intent'))
  await onHost('web3', script('intent'))
  const { code, stdout } = await project.deploy(['check', 'staging'])
  expect({ code, split: stdout.includes('deploy recover staging --back') }).toEqual({ code: 6, split: true })
})
