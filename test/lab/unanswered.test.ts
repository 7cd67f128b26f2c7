import { access, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { fleetOf } from '../e2e/support/fleet-of.ts'
import { links } from '../e2e/support/hosts.ts'
import { makeProject } from '../e2e/support/project.ts'
import { release } from '../e2e/support/releases.ts'
import { copyOf } from './support/copy-of.ts'
import { type Edit, hostilePython } from './support/hostile-python.ts'

const fleet = await fleetOf(['web1', 'web2'])

const staged = makeProject(fleet).then(async project => {
  expect(await project.deploy(['staging', await release(project, '1.0')])).toMatchObject({ code: 0 })
  return project
})

/** What follows a single press of a key within this time is its echo (src/cli/interrupts.ts). */
const ECHO_MS = 200

/** A job of the remote end that leaves a mark and never ends: its thread stands still, its loop and its heart go on. */
const stuck = (job: string, body: string): readonly Edit[] => {
  const begin = `def _${job}(session: Session, body: ${body}, cancelled: Cancelled) -> Answer:\n`
  const mark = "    open(os.path.join(session.layout.root, '.stuck'), 'w').close()\n"
  return [[begin, `${begin}    import time\n${mark}    time.sleep(3600)\n`]]
}

const runs = '    def _run(self, session: Session, id: int, body: RunBody) -> None:\n'
const runsNothing: readonly Edit[] = [
  [runs, `${runs}        open(session.layout.root + '/.stuck', 'w').close()\n        return\n`],
]

const waits: readonly (readonly [string, readonly string[], readonly Edit[]])[] = [
  ['how it stands', ['status', 'staging'], stuck('observe', 'ObserveBody')],
  ['its history', ['history', 'staging'], stuck('observe', 'ObserveBody')],
  ['how it is in detail', ['check', 'staging'], stuck('inspect', 'InspectBody')],
  ['a prune', ['prune', 'staging'], stuck('prune', 'PruneBody')],
  ['a freeze', ['lock', 'staging', '--reason', 'x'], stuck('freeze', 'FreezeBody')],
  ['the end of a freeze', ['unlock', 'staging'], stuck('unfreeze', 'UnfreezeBody')],
  ['a program', ['run', 'staging', '--', 'true'], runsNothing],
  ['the unpacking of an sdist', ['production', 'dist/shop-1.1.tar.gz'], stuck('unpack', 'UnpackBody')],
  ['the size of an sdist', ['promote', 'staging', 'other'], stuck('measure_sdist', 'MeasureSdistBody')],
]

test.each(waits)(
  'F19 a host that never answers %s is left by the second signal',
  async (_what, args, edits) => {
    const python = await hostilePython(fleet, 'web1', edits)
    const stages = {
      ...{ staging: { hosts: ['web1', 'web2'] }, production: { hosts: ['web1', 'web2'] } },
      other: { hosts: ['web3'] },
    }
    const reached = fleet.configFor().hosts
    const project = await copyOf(fleet, await staged, {})
    const web3 = { ...reached['web2'], root: `${project.rootOn('web2')}-other` }
    const hosts = { web1: { ...reached['web1'], root: project.rootOn('web1'), python }, web3 }
    await project.configure({ stages, hosts })
    await release(project, '1.1')
    const run = project.start(args)
    const mark = join(project.rootOf('web1'), '.stuck')
    await expect
      .poll(
        () =>
          access(mark).then(
            () => true,
            () => false,
          ),
        { timeout: 30_000 },
      )
      .toBe(true)
    run.signal('SIGINT')
    // The second one comes later than an echo of the first.
    await sleep(2 * ECHO_MS)
    run.signal('SIGINT')

    expect(await run.ended).toMatchObject({ code: 130 })
    expect(await links(fleet, project, 'production')).toEqual({ web1: null, web2: null })
    expect(await readdir(join(project.rootOf('web1'), 'staging'))).toContain('PKG-INFO')
  },
)

/** What leaves for an observation: its shape is that of no other answer. */
const told = (instead: string): readonly Edit[] => [
  [
    '        frame = message_frame(content, limit)\n',
    `        told = content.get('ok')
        if isinstance(told, dict) and 'unfinished' in told:
            ${instead}
            limit = 1 << 30
        frame = message_frame(content, limit)\n`,
  ],
]

const answers: readonly (readonly [string, string, RegExp])[] = [
  [
    'with more than any frame',
    "told['foreign'] = [{}] * (8 << 20)",
    /it sent a frame of \d+ bytes \(at most/,
  ],
  [
    'with more values than an observation has',
    "told['foreign'] = [{}] * 300_000",
    /it sent a message of more than 200000 values/,
  ],
  [
    'with a link that leads out of the root as its revision',
    "told['stages']['staging']['link']['revision'] = '../../etc'",
    /makes no sense: stages\.staging\.link\.revision: .* is no name of a revision/,
  ],
  [
    'with a sha256 that is none',
    "told['revisions'][0]['sha256'] = '\\x1b[2J'",
    /makes no sense: revisions\.0\.sha256: .* is no sha256/,
  ],
  [
    'with a switch whose id is a command',
    "told['stages']['staging']['switches'][0]['id'] = '$(reboot)'",
    /makes no sense: stages\.staging\.switches\.0\.id: .* is no id of a switch/,
  ],
]

test.each(answers)(
  'F19 a host that answers %s is not read, and said with the reason',
  async (_what, edit, said) => {
    const python = await hostilePython(fleet, 'web1', told(edit))
    const project = await copyOf(fleet, await staged, {})
    const reached = fleet.configFor().hosts
    await project.configure({ hosts: { web1: { ...reached['web1'], root: project.rootOn('web1'), python } } })
    const { code, stdout, stderr } = await project.deploy(['status', 'staging'])
    expect(code).toBe(3)
    expect((stdout + stderr).replaceAll(/\s+/g, ' ')).toMatch(said)
    expect(stdout + stderr).toMatch(/web2 +shop-1\.0/)
  },
)
