import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readVersionSource } from '../../src/artifact/read-version-source.ts'
import { printedBy } from '../../src/cli/printed-by.ts'
import { StageError } from '../../src/model/stage-error.ts'
import type { VersionSource } from '../../src/model/version-policy.ts'
import { mustRun } from '../support/run-program.ts'

const readSource = (source: VersionSource, directory: string) =>
  readVersionSource(source, directory, printedBy(new AbortController().signal))

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'version-source-'))
  onTestFinished(() => rm(path, { recursive: true }))
  return path
}

/** Why a source says no version, with the directory called DIR. */
async function refusal(read: Promise<unknown>, path: string): Promise<string> {
  const error: unknown = await read.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof StageError)) throw new Error(`not refused: ${String(error)}`)
  return `${error.code}: ${error.message} → ${error.hint}`.replaceAll(path, 'DIR')
}

describe('a file', () => {
  const read = async (content: string, pattern = /^__version__ = '(.*)'$/m) => {
    const path = await directory()
    await writeFile(join(path, 'v.py'), content)
    return { path, found: () => readSource({ kind: 'file', path: join(path, 'v.py'), pattern }, path) }
  }

  test('says what the first group matches, and on which line', async () => {
    const { path, found } = await read("'''The shop.'''\n\n__version__ = '1.4.0'\n")
    expect(await found()).toEqual({ kind: 'text', text: '1.4.0', place: `${path}/v.py:3` })
  })

  test('with no match, or with two, is refused', async () => {
    const none = await read('version = 1')
    const two = await read("__version__ = '1'\n__version__ = '2'\n")
    expect([
      await refusal(none.found(), none.path),
      await refusal(two.found(), two.path),
    ]).toMatchInlineSnapshot(`
      [
        "config: version.pattern matches nowhere in DIR/v.py → it has to match exactly once, the version in its first group",
        "config: version.pattern matches on the lines 1, 2 in DIR/v.py → it has to match exactly once, the version in its first group",
      ]
    `)
  })

  test('that is a pipe or a directory is refused, and nobody waits for it', async () => {
    const path = await directory()
    const pipe = join(path, 'pipe')
    await mustRun(['mkfifo', pipe])
    for (const file of [pipe, path]) {
      const source = { kind: 'file', path: file, pattern: /(.)/ } as const
      expect(await refusal(readSource(source, path), path)).toMatch(
        /^config: version\.file cannot be read: DIR\S* is a (?:named pipe|directory), and not a file/,
      )
    }
  })

  test('that is not there is refused', async () => {
    const path = await directory()
    const source = { kind: 'file', path: join(path, 'none'), pattern: /(.)/ } as const
    expect(await refusal(readSource(source, path), path)).toMatch(
      /^config: version\.file cannot be read: ENOENT/,
    )
  })
})

describe('a command', () => {
  const read = async (...argv: readonly string[]) => {
    const path = await directory()
    return { path, found: () => readSource({ kind: 'command', argv }, path) }
  }

  test('says what it prints, without the line break', async () => {
    const { found } = await read('echo', '1.4.0')
    expect(await found()).toEqual({ kind: 'text', text: '1.4.0', place: 'what `version.command` prints' })
  })

  test('runs in the directory of the configuration', async () => {
    const { path, found } = await read('pwd')
    expect(await found()).toMatchObject({ text: path })
  })

  test('that fails is refused with what it said', async () => {
    const failing = await read('/bin/sh', '-c', 'echo "no such project" >&2; exit 3')
    const absent = await read('no-such-program')
    expect(await refusal(failing.found(), failing.path)).toMatchInlineSnapshot(
      `"config: no version from /bin/sh -c echo "no such project" >&2; exit 3: no such project → it runs in DIR; see \`version\` in the configuration"`,
    )
    expect(await refusal(absent.found(), absent.path)).toMatch(
      /^config: no version from no-such-program: it is not there/,
    )
  })
})

describe('git', () => {
  const repository = async () => {
    const path = await directory()
    const git = (...args: readonly string[]) =>
      mustRun(['git', '-c', 'user.name=ana', '-c', 'user.email=ana@example.com', ...args], { cwd: path })
    await git('init', '--quiet')
    await git('commit', '--quiet', '--allow-empty', '--message', 'first')
    return { path, git }
  }

  test('says the nearest tag with the prefix, how far it is, and the commit in full', async () => {
    const { path, git } = await repository()
    await git('tag', 'v1.4.0')
    await git('commit', '--quiet', '--allow-empty', '--message', 'second')
    await git('tag', 'nightly')
    const commit = await git('rev-parse', 'HEAD')
    expect(await readSource({ kind: 'git', tagPrefix: 'v' }, path)).toEqual({
      kind: 'described',
      line: `v1.4.0-1-g${commit}`,
      tagPrefix: 'v',
    })
  })

  test('without such a tag is refused', async () => {
    const { path } = await repository()
    expect(await refusal(readSource({ kind: 'git', tagPrefix: 'v' }, path), path)).toMatch(
      /^config: no version from git describe .*: fatal: No names found/,
    )
  })
})

test('the sdist itself is no source to compare it with', async () => {
  expect(await readSource({ kind: 'sdist' }, '/')).toBeUndefined()
})
