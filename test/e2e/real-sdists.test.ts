import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exec, minutes, type Step, script, sh } from '../../src/index.ts'
import { upstreamArchive } from './support/debian-source.ts'
import { outputOf } from './support/events.ts'
import { fleetOf, WITH_NAMESPACES } from './support/fleet-of.ts'
import { FULL } from './support/full-size.ts'
import { everywhere, links, revisionRecord } from './support/hosts.ts'
import { makeProject, withPython } from './support/project.ts'

// Projects that were not made for this: Debian's source archive has sdists as their authors uploaded them. They are
// built on every host and verified there with their own tests. Fetching them needs the network: without it these
// tests are skipped, but not in CI.
const fleet = await fleetOf(['web1', 'web2', 'web3'])

interface RealProject {
  /** The Debian source package. */
  readonly source: string
  /** As PKG-INFO has it. */
  readonly name: string
  /** Its tests take the machine for their own: ports, names in /tmp, who is logged in. */
  readonly needsOwnMachine: boolean
  /** Whether it is one of those that stand for all in the short size. */
  readonly inShort: boolean
  readonly verify: readonly Step[]
  /** What the last line of its tests says. */
  readonly passed: RegExp
  /** What the file of its wheel ends with. */
  readonly wheel: RegExp
}

const projects: readonly RealProject[] = [
  {
    source: 'supervisor',
    name: 'supervisor',
    needsOwnMachine: true,
    inShort: false,
    // The tests are a part of the package: those that are installed are run.
    verify: [
      script(
        sh`cd .env/lib/python3*/site-packages; exec ../../../bin/python -m unittest discover -s supervisor/tests -t .`,
        { title: 'its own tests', timeout: minutes(3) },
      ),
    ],
    passed: /^OK/,
    wheel: /-py2\.py3-none-any\.whl$|-py3-none-any\.whl$/,
  },
  {
    source: 'markupsafe',
    name: 'MarkupSafe',
    needsOwnMachine: false,
    inShort: true,
    verify: [
      exec(['.env/bin/python', '-c', 'import markupsafe._speedups'], { title: 'its C extension is there' }),
      // Its tests need pytest, which the host has for its own Python, the one that the environment was made with.
      script(
        sh`export PYTHONPATH="$(echo .env/lib/python3*/site-packages)"; exec /usr/bin/python3 -m pytest -p no:cacheprovider tests`,
        { title: 'its own tests', timeout: minutes(3) },
      ),
    ],
    passed: /^=+ \d+ passed/,
    wheel: /-cp3\d+-linux_\w+\.whl$/,
  },
]

describe.each(projects.filter(({ inShort }) => FULL || inShort))(
  '$name',
  async ({ source, name, needsOwnMachine, verify, passed, wheel }) => {
    const archive = await upstreamArchive(source, join(fleet.directory, 'apt'))

    const unreachable = archive === undefined && process.env['CI'] === undefined
    test.skipIf(unreachable || (needsOwnMachine && !WITH_NAMESPACES))(
      'is built, verified by its own tests and switched to on three hosts',
      async () => {
        if (archive === undefined) throw new Error(`apt-get could not fetch the source package ${source}`)
        const version = /_([^_]+)\.orig\.tar\.gz$/.exec(archive)?.[1] ?? ''
        const project = await makeProject(fleet, { project: name, recipes: [withPython], verify })
        const sdist = join(project.directory, 'dist', `${name}-${version}.tar.gz`)
        await copyFile(archive, sdist)
        const run = await project.deploy(['staging', '--json'])
        expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' })
        expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, `${name}-${version}`))
        for (const host of ['web1', 'web2', 'web3']) {
          expect(outputOf(run, host, 'verify').at(-1)).toMatch(passed)
          const { environment } = await revisionRecord(project, host, `${name}-${version}`)
          expect(environment).toMatchObject({
            wheels: expect.arrayContaining([
              { file: expect.stringMatching(wheel), sha256: expect.any(String) },
            ]),
          })
        }
      },
      240_000,
    )
  },
)
