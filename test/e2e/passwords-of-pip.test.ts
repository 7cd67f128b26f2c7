import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeSdist } from '../support/make-sdist.ts'
import { mustRun } from '../support/run-program.ts'
import { fleetOf } from './support/fleet-of.ts'
import { FULL } from './support/full-size.ts'
import { everywhere, links } from './support/hosts.ts'
import { privateIndex, runnerOf } from './support/private-index.ts'
import { makeProject } from './support/project.ts'
import { release } from './support/releases.ts'

const fleet = await fleetOf(['web1'])
const { home, root, outside } = fleet.host('web1')
const PASSWORD = 'staple-of-the-index'
const USER = `ana:${PASSWORD}`

/** A build backend that writes down every argument list of its host, wherever it is called: `~/lists`. */
const WATCHED = `
import glob, os
with open(os.path.expanduser("~/lists"), "ab") as target:
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as source:
                target.write(source.read().replace(b"\\0", b" ") + b"\\n")
        except OSError:
            pass
from setuptools.build_meta import *
`

const watched = (name: string, requires: readonly string[]) => ({
  'watched.py': WATCHED,
  'pyproject.toml': [
    '[build-system]',
    `requires = ${JSON.stringify(requires)}`,
    'build-backend = "watched"',
    'backend-path = ["."]',
    '[project]',
    `name = "${name}"`,
    'version = "1.0"',
    '[tool.setuptools]',
    `packages = ["${name}"]`,
  ].join('\n'),
})

/** What the build of the project needs is an sdist, which needs something itself: pip runs pip, which runs pip. */
const helper = makeSdist({
  name: 'helper',
  version: '1.0',
  files: watched('helper', ['setuptools', 'wheel']),
})
const index = await privateIndex(fleet, USER, { 'helper-1.0.tar.gz': helper })
const at = (path: string) => `http://${USER}@${index.place}/${path}`
const OTHER = 'http://ana:never-read-staple@index.invalid/simple'

interface Way {
  /** Options of the recipe. */
  readonly options?: object
  /** Variables of the configuration whose values are secrets. */
  readonly variables?: Readonly<Record<string, string>>
}

const ways: Readonly<Record<string, Way>> = {
  'python({ index })': { options: { index: { secret: 'INDEX' } } },
  'PIP_INDEX_URL, with settings of the account that are not read': {
    variables: { PIP_INDEX_URL: at('simple'), PIP_CONFIG_FILE: `${root}/pip.conf` },
  },
  'PIP_EXTRA_INDEX_URL, two of them': {
    options: { index: `http://${index.place}/not-for-everybody` },
    variables: { PIP_EXTRA_INDEX_URL: `${at('simple')} ${at('another')}` },
  },
  PIP_FIND_LINKS: {
    options: { pipArgs: ['--no-index', '--trusted-host', runnerOf(fleet)] },
    variables: { PIP_FIND_LINKS: at('links') },
  },
  PIP_PROXY: {
    options: {
      index: 'http://index.invalid/simple',
      pipArgs: ['--trusted-host', 'index.invalid'],
    },
    variables: { PIP_PROXY: `http://${USER}@${index.place}` },
  },
}

/** The one with the most URLs goes the way of all. */
const tried = Object.entries(ways).filter(([title]) => FULL || title.startsWith('PIP_EXTRA_INDEX_URL'))

// pip runs pip, which runs pip: on a busy machine that takes longer than other builds.
test.each(tried)(
  'a password in %s is in no argument list',
  async (_title, way) => {
    await mkdir(join(home, '.config/pip'), { recursive: true })
    for (const path of [join(home, '.config/pip/pip.conf'), join(outside, 'pip.conf')])
      await writeFile(path, `[global]\nextra-index-url = ${OTHER}\n`)
    const before = index.asked.length
    const variables = way.variables ?? {}
    const secrets = Object.fromEntries(Object.keys(variables).map(name => [name, { secret: `OF_${name}` }]))
    const options = { pipArgs: ['--trusted-host', runnerOf(fleet)], ...way.options }
    const project = await makeProject(fleet, {
      recipes: [{ python: options }],
      env: { ...secrets, PIP_NO_CACHE_DIR: '1' },
    })
    await release(project, '1.0', { files: watched('shop', ['setuptools', 'helper']) })
    const values = Object.entries(variables).map(([name, value]) => [`OF_${name}`, value])
    const env = { INDEX: at('simple'), ...Object.fromEntries(values) }
    const run = await project.deploy(['staging', '--json', '-v'], { env })
    if (run.code !== 0) expect({ code: run.code, stdout: run.stdout }).toEqual({ code: 0, stdout: '' })
    expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.0'))
    const asked = index.asked.slice(before)
    expect(asked.filter(({ what }) => what === 'helper-1.0.tar.gz')).toHaveLength(1)
    const lists = [await readFile(join(home, 'lists'), 'utf8'), ...asked.map(({ list }) => list)]
    await rm(join(home, 'lists'))
    // pip's own child was seen, by the backend of what it builds and by the index that it asks.
    expect(
      lists.filter(list => / install --ignore-installed .* (?:-i|--find-links) http/.test(list)).length,
    ).toBeGreaterThan(1)
    const lines = [...lists, run.stdout, run.stderr].flatMap(text => text.split('\n'))
    expect(lines.filter(line => /staple-of-the-index|never-read-staple/.test(line))).toEqual([])
    for (const place of [project.rootOf('web1'), join(fleet.directory, 'runner-home')]) {
      const search = ['grep', '-r', '-l', '-F', '--', PASSWORD, place]
      expect(await mustRun(['/bin/sh', '-c', '"$@" || test $? = 1', 'sh', ...search])).toBe('')
    }
  },
  240_000,
)

test('a line of a requirements file that would put one there is refused before pip starts', async () => {
  const pipArgs = ['--no-index', '--find-links', '/usr/share/python-wheels']
  const project = await makeProject(fleet, {
    recipes: [{ python: { requirements: 'requirements.txt', pipArgs } }],
    env: { TOKEN: { secret: 'TOKEN' } },
  })
  const line = `--extra-index-url http://ana:$${'{TOKEN}'}@index.invalid\n`
  await release(project, '1.0', { files: { 'requirements.txt': line } })
  const { code, stdout, stderr } = await project.deploy(['staging'], { env: { TOKEN: PASSWORD } })
  expect({ code, stdout }).toEqual({
    code: 4,
    stdout: expect.stringMatching(/requirements\.txt has a URL with a user or a password/),
  })
  expect(`${stdout}${stderr}`).not.toMatch(PASSWORD)
})
