import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { DeployOptions } from '../e2e/support/deploy.ts'
import { problemsOf } from '../e2e/support/events.ts'
import { fleetOf } from '../e2e/support/fleet-of.ts'
import { links, rootListing } from '../e2e/support/hosts.ts'
import { makeProject, type Project, type ProjectConfig } from '../e2e/support/project.ts'
import { release } from '../e2e/support/releases.ts'
import { makeSdist } from '../support/make-sdist.ts'
import { copyOf } from './support/copy-of.ts'
import { type Edit, hostilePython } from './support/hostile-python.ts'

/** Staging on two hosts, either of which may give its sdist to the third. */
const stages = { staging: { hosts: ['web1', 'web2'] }, production: { hosts: ['web3'] } }
const fleet = await fleetOf(['web1', 'web2', 'web3'])
const CODE = 'shop/code.py'
const right = makeSdist({ name: 'shop', version: '1.0', files: { [CODE]: 'right\n' } })

const staged = makeProject(fleet, { stages }).then(async project => {
  const sdist = await release(project, '1.0', { files: { [CODE]: 'right\n' } })
  expect(await project.deploy(['staging', sdist])).toMatchObject({ code: 0 })
  return project
})

/** A copy of it in which nothing of the runner is at hand: what web3 gets comes from the hosts. */
const live = async (config: ProjectConfig = {}) => await copyOf(fleet, await staged, { stages, ...config })

const onHost = async (project: Project, host: string, script: string, input?: string) => {
  const argv = ['/bin/sh', '-c', `cd "$1" && ${script}`, 'sh', project.rootOn(host)]
  const { code, stderr } = await fleet.host(host).run(argv, input === undefined ? {} : { input })
  expect([host, code, stderr]).toEqual([host, 0, ''])
}

const STORED = '.stage/sdists/shop-1.0.tar.gz'
/** Puts these bytes in the place of the stored sdist. */
const replace = (project: Project, host: string, bytes: Buffer) =>
  onHost(project, host, `base64 -d > ${STORED}`, bytes.toString('base64'))

/** Promotes, and says how that ended, what was said of which host, what web3 has, and what is left on the runner. */
async function promoted(project: Project, args: readonly string[] = [], options: DeployOptions = {}) {
  const temporary = join(project.directory, 'tmp')
  await mkdir(temporary, { recursive: true })
  const run = await project.deploy(['promote', 'staging', 'production', '--json', ...args], {
    ...options,
    env: { TMPDIR: temporary },
  })
  const code = await readFile(join(project.rootOf('web3'), 'production', CODE), 'utf8').catch(() => 'nothing')
  return {
    ...{ code: run.code, problems: problemsOf(run), runs: code.trim(), left: await readdir(temporary) },
    text: run.stdout + run.stderr,
  }
}

const other = (name = 'shop', version = '1.0') => makeSdist({ name, version, files: { [CODE]: 'other\n' } })

/** One bit of it, behind the head of the gzip file. */
function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  copy[40] = (copy[40] ?? 0) ^ 1
  return copy
}

const wrong: readonly (readonly [string, (project: Project, host: string) => Promise<void>])[] = [
  ['other code under the same name', (project, host) => replace(project, host, other())],
  ['other code that spells the name otherwise', (project, host) => replace(project, host, other('SHOP'))],
  [
    'other code that spells the version otherwise',
    (project, host) => replace(project, host, other('shop', '1.0.0')),
  ],
  ['another version', (project, host) => replace(project, host, other('shop', '6.6.6'))],
  ['an archive with a bit flipped', (project, host) => replace(project, host, flipped(right))],
  ['an archive that is cut off', (project, host) => replace(project, host, right.subarray(0, 100))],
  [
    'an archive with more behind it',
    (project, host) => replace(project, host, Buffer.concat([right, right])),
  ],
  ['what is no archive', (project, host) => replace(project, host, Buffer.from('no archive\n'))],
  ['an empty file', (project, host) => replace(project, host, Buffer.alloc(0))],
  ['nothing at all', (project, host) => onHost(project, host, `rm ${STORED}`)],
  ['a pipe', (project, host) => onHost(project, host, `rm ${STORED} && mkfifo ${STORED}`)],
]

describe('F27 a host of the stage that is promoted has', () => {
  test.each(wrong)('%s: it is named, and the next host is asked', async (_what, spoil) => {
    const project = await live()
    await spoil(project, 'web1')
    expect(await promoted(project)).toMatchObject({
      ...{ code: 0, problems: ['web1: other-bytes'], runs: 'right', left: [] },
    })
    const stored = await readFile(join(project.rootOf('web3'), STORED))
    expect(createHash('sha256').update(stored).digest('hex')).toBe(
      createHash('sha256').update(right).digest('hex'),
    )
  })

  test.each(wrong)(
    '%s, and so has the other: nothing is shipped, and both are named',
    async (_what, spoil) => {
      const project = await live()
      for (const host of ['web1', 'web2']) await spoil(project, host)
      expect(await promoted(project)).toMatchObject({
        ...{ code: 3, problems: ['web1: other-bytes', 'web2: other-bytes'], runs: 'nothing', left: [] },
      })
      expect(await rootListing(project, 'web3')).toEqual([])
    },
  )

  test('a record of other bytes, and these: the hosts disagree, and nothing is shipped', async () => {
    const project = await live()
    const sha256 = createHash('sha256').update(other()).digest('hex')
    await replace(project, 'web1', other())
    const record = 'shop-1.0/.revision.json'
    await onHost(
      project,
      'web1',
      `chmod u+w shop-1.0 ${record} && sed -i 's/"sha256": *"[0-9a-f]*"/"sha256":"${sha256}"/' ${record}`,
    )
    const { text, ...ended } = await promoted(project)
    expect(ended).toEqual({
      ...{ code: 3, problems: ['staging: hosts-disagree'], runs: 'nothing', left: [] },
    })
    expect(text).toContain(sha256.slice(0, 12))
  })

  test('a journal that says otherwise than its record: the hosts disagree, and nothing is shipped', async () => {
    const project = await live()
    await onHost(
      project,
      'web1',
      `sed -i 's/"sha256":"[0-9a-f]*"/"sha256":"${'0'.repeat(64)}"/' .stage/journal.jsonl`,
    )
    expect(await promoted(project)).toMatchObject({
      ...{ code: 3, problems: ['staging: hosts-disagree'], runs: 'nothing', left: [] },
    })
  })

  test('other bytes, and belongs to the other stage too: what stands there is switched to', async () => {
    const both = { staging: { hosts: ['web1', 'web2'] }, production: { hosts: ['web1', 'web3'] } }
    const project = await live({ stages: both })
    await replace(project, 'web1', other())
    expect(await promoted(project)).toMatchObject({
      ...{ code: 0, problems: ['web1: other-bytes'], runs: 'right', left: [] },
    })
    expect(await links(fleet, project, 'production')).toEqual({
      web1: 'shop-1.0',
      web2: null,
      web3: 'shop-1.0',
    })
  })

  test('other bytes: a dry run says so as well', async () => {
    const project = await live()
    await replace(project, 'web1', other())
    const { code, stdout } = await project.deploy(['promote', 'staging', 'production', '--dry-run'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/web1\n.*it cannot give the sdist of shop-1\.0/)
  })
})

/** What the host's own program does with the stored sdist, changed. */
const SEND = "for chunk in iter(lambda: file.read(_CHUNK_SIZE), b''):\n                left -= len(chunk)"
const sending = (instead: string): readonly Edit[] => [[SEND, instead]]
const MEASURE = "return {'bytes': stored_sdist(session.layout, body['revision']).size}"

const hostile: readonly (readonly [string, readonly Edit[], RegExp])[] = [
  [
    'sends without end',
    sending(
      `while True:\n                yield b'x' * _CHUNK_SIZE\n            for chunk in []:\n                left -= len(chunk)`,
    ),
    /it sent more data for fetch than was announced/,
  ],
  [
    'announces more than any sdist has',
    [[MEASURE, "return {'bytes': 1 << 50}"]],
    /its sdist has 1125899906842624 bytes; at most/,
  ],
  ['announces what is no number of bytes', [[MEASURE, "return {'bytes': None}"]], /internal|measure-sdist/],
  [
    'is lost in the middle',
    sending('os._exit(9)\n            for chunk in []:\n                left -= len(chunk)'),
    /the remote end ended/,
  ],
  [
    'sends less than it announced',
    [[MEASURE, "return {'bytes': stored_sdist(session.layout, body['revision']).size + 1}"]],
    /bytes now, not/,
  ],
]

describe('F27 a host of the stage that is promoted', () => {
  test.each(hostile)('%s: it is named, and the next host is asked', async (_what, edits, said) => {
    const python = await hostilePython(fleet, 'web1', edits)
    const project = await live()
    const { web1 } = JSON.parse(await readFile(join(project.directory, 'stage.config.json'), 'utf8')).hosts
    await project.configure({ stages, hosts: { web1: { ...web1, python } } })
    const { text, ...ended } = await promoted(project)
    expect(ended).toEqual({ code: 0, problems: ['web1: other-bytes'], runs: 'right', left: [] })
    expect(text).toMatch(said)
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'answers nothing any more: %s ends the wait, and leaves nothing behind',
    async signal => {
      const edits = sending(
        'import time\n            time.sleep(3600)\n            for chunk in []:\n                left -= len(chunk)',
      )
      // Its loop stands still, so silence would end it too: but not before the signal does.
      const python = await hostilePython(fleet, 'web1', edits)
      const project = await live()
      const { web1 } = JSON.parse(await readFile(join(project.directory, 'stage.config.json'), 'utf8')).hosts
      await project.configure({ stages, heartbeat: '10m', hosts: { web1: { ...web1, python } } })
      const temporary = join(project.directory, 'tmp')
      await mkdir(temporary)
      const run = project.start(['promote', 'staging', 'production', '--json'], {
        env: { TMPDIR: temporary },
      })
      await expect
        .poll(async () => (await readdir(temporary, { recursive: true })).length, { timeout: 30_000 })
        .toBe(2)
      run.signal(signal)
      expect(await run.ended).toMatchObject({ code: 130 })
      expect(await readdir(temporary)).toEqual([])
      expect(await rootListing(project, 'web3')).toEqual([])
    },
  )
})
