import { userInfo } from 'node:os'
import { describe, expect, test } from 'vitest'
import { exec } from '../../src/index.ts'
import { stopped } from './support/faults.ts'
import { fleetOf } from './support/fleet-of.ts'
import { makeProject } from './support/project.ts'
import { release } from './support/releases.ts'

const fleet = await fleetOf(['web1', 'web2', 'web3'])

// One story for all: two good versions, a rejected one, and web3 left out of the last switch.
const project = await makeProject(fleet)
for (const [version, ...flags] of [['1.0'], ['1.1'], ['1.2', '--except', 'web3']] as const)
  await project.deploy(['staging', await release(project, version), ...flags])
// Which hosts said no is to be the same every time: the others are still at it when web2 does.
const smokeTest = exec(['/bin/sh', '-c', 'test "$DEPLOY_HOST" != web2 || exit 1; exec sleep 600'], {
  title: 'smoke test',
})
await project.configure({ verify: [smokeTest] })
await project.deploy(['staging', await release(project, '1.3')])
await project.configure({})

const SHA256 = expect.stringMatching(/^[0-9a-f]{64}$/)
const verified = (version: string) => ({
  ...{ name: `shop-${version}`, version, verdict: 'verified', sha256: SHA256 },
})
const rejected = (version: string) => ({ ...verified(version), verdict: 'rejected' })

/** Without what another run has otherwise: moments, bytes, who it was, and columns as wide as these. */
const steady = (text: string) =>
  text
    .replaceAll(/\d{4}-\d{2}-\d{2}[T ][\d:.]+Z?/g, 'MOMENT')
    .replaceAll(/\b[0-9a-f]{12}\b/g, 'SHA256')
    .replaceAll(`  ${userInfo().username} `, '  ME ')
    .replaceAll(/ {2,}/g, '  ')

describe('status', () => {
  test('shows hosts with live and previous revision, verdict and lock', async () => {
    const { code, stdout } = await project.deploy(['status', 'staging'])
    expect({ code, stdout: steady(stdout) }).toMatchInlineSnapshot(`
      {
        "code": 0,
        "stdout": "staging  hosts differ
        host  live  verdict  previous  lock
        web1  shop-1.2  verified  shop-1.1  free
        web2  shop-1.2  verified  shop-1.1  free
        web3  shop-1.1  verified  shop-1.0  free
      ",
      }
    `)
  })

  test('--json is one object with every stage', async () => {
    const { code, stdout } = await project.deploy(['status', '--json'])
    const revisionsOf = (...revisions: readonly object[]) => expect.arrayContaining([...revisions])
    const host = (live: string, previous: string, ...others: readonly object[]) => ({
      ...{ reachable: true, live, moved: null, previous, open: null, lock: null, frozen: null },
      revisions: revisionsOf(verified('1.0'), verified('1.1'), rejected('1.3'), ...others),
    })
    const untouched = (...others: readonly object[]) => ({
      ...host('', '', ...others),
      ...{ live: null, previous: null },
    })
    const newest = verified('1.2')
    expect({ code, status: JSON.parse(stdout) }).toEqual({
      code: 0,
      status: {
        v: 1,
        stages: {
          staging: {
            uniform: false,
            split: null,
            hosts: {
              web1: host('shop-1.2', 'shop-1.1', newest),
              web2: host('shop-1.2', 'shop-1.1', newest),
              web3: host('shop-1.1', 'shop-1.0'),
            },
          },
          production: {
            uniform: false,
            split: null,
            hosts: { web1: untouched(newest), web2: untouched(newest), web3: untouched() },
          },
        },
      },
    })
  })

  test('with a host that does not answer shows the others and exits 3', async () => {
    await using _down = await stopped(fleet.host('web2'))
    const { code, stdout } = await project.deploy(['status', 'staging', '--json'])
    expect({ code, status: JSON.parse(stdout) }).toMatchObject({
      code: 3,
      status: {
        stages: {
          staging: {
            uniform: false,
            hosts: {
              web1: { reachable: true, live: 'shop-1.2' },
              web2: { reachable: false, error: expect.stringMatching(/./), live: null, revisions: [] },
              web3: { reachable: true, live: 'shop-1.1' },
            },
          },
        },
      },
    })
  })
})

describe('revisions', () => {
  test('shows what stands where, with verdicts', async () => {
    const { code, stdout } = await project.deploy(['revisions', 'staging'])
    expect({ code, stdout: steady(stdout) }).toMatchInlineSnapshot(`
      {
        "code": 0,
        "stdout": "revision  verdict  sha256  python  made  hosts
      shop-1.3  rejected: web2: smoke test: exit 1  SHA256  –  MOMENT  all 3
      shop-1.2  verified  SHA256  –  MOMENT  web1, web2
      shop-1.1  verified  SHA256  –  MOMENT  all 3
      shop-1.0  verified  SHA256  –  MOMENT  all 3
      ",
      }
    `)
  })

  test('--json is one object', async () => {
    const { code, stdout } = await project.deploy(['revisions', 'staging', '--hosts', 'web3', '--json'])
    const common = { project: 'shop', sha256: SHA256, python: null, at: expect.any(String) }
    const standing = { ...common, verdict: 'verified', stands: true, why: null }
    const { revisions } = JSON.parse(stdout).hosts.web3
    expect({ code, revisions }).toEqual({
      code: 0,
      revisions: expect.arrayContaining([
        { ...standing, name: 'shop-1.0', version: '1.0' },
        { ...standing, name: 'shop-1.1', version: '1.1' },
        {
          ...{ ...common, name: 'shop-1.3', version: '1.3', verdict: 'rejected', stands: false },
          why: expect.stringMatching(/smoke test: exit 1/),
        },
      ]),
    })
  })
})

describe('history', () => {
  test('shows the switches of a stage, newest first', async () => {
    const { code, stdout } = await project.deploy(['history', 'staging'])
    expect({ code, stdout: steady(stdout) }).toMatchInlineSnapshot(`
      {
        "code": 0,
        "stdout": "when  what  from  to  by  ended
      MOMENT  deploy  shop-1.1  shop-1.2  ME  kept on web1, web2
      MOMENT  deploy  shop-1.0  shop-1.1  ME  kept on web1, web2, web3
      MOMENT  deploy  none  shop-1.0  ME  kept on web1, web2, web3
      ",
      }
    `)
  })

  test('--json is one object', async () => {
    const { code, stdout } = await project.deploy(['history', 'staging', '--json'])
    const history = JSON.parse(stdout)
    expect({ code, v: history.v, stage: history.stage }).toEqual({ code: 0, v: 1, stage: 'staging' })
    const all = ['web1', 'web2', 'web3']
    const common = {
      kind: 'deploy',
      state: 'kept',
      undo: [],
      recovers: null,
      exception: null,
      at: expect.any(String),
      by: expect.any(String),
    }
    const id = expect.stringMatching(/^\d{8}T\d{9}Z-/)
    expect(history.hosts.web1.switches).toEqual([
      { id, ...common, from: 'shop-1.1', to: 'shop-1.2', hosts: ['web1', 'web2'], except: ['web3'] },
      { id, ...common, from: 'shop-1.0', to: 'shop-1.1', hosts: all, except: [] },
      { id, ...common, from: null, to: 'shop-1.0', hosts: all, except: [] },
    ])
    expect(history.hosts.web3.switches).toEqual(history.hosts.web1.switches.slice(1))
  })
})

test('a command that only shows creates nothing in a root that was never used', async () => {
  const fresh = await makeProject(fleet)
  for (const command of ['status', 'revisions', 'history'])
    expect(await fresh.deploy([command, 'staging'])).toMatchObject({ code: 0 })
  const { stdout } = await fleet.host('web1').run(['ls', '-A', fresh.rootOn('web1')])
  expect(stdout).toBe('')
})
