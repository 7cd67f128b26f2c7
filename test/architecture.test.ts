import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** From the highest to the lowest. A folder imports only from lower layers, never sideways. */
const layers: readonly (readonly string[])[] = [
  ['cli'],
  ['config', 'observe', 'plan', 'apply', 'report'],
  ['recipe', 'remote', 'transport'],
  ['artifact', 'version', 'shell'],
  ['model'],
]

interface SourceFile {
  /** From the root of the repository: `src/plan/plan-run.ts`. */
  readonly path: string
  readonly text: string
  /** Every module that it imports or re-exports, as it is written. */
  readonly imports: readonly string[]
}

/** `from '…'`, `import '…'` and `import('…')`; the compiler has no API that is faster than it takes to read this. */
const importPattern = /\b(?:from\s+|import\s+|import\s*\(\s*)'([^']+)'/g

function sourcesIn(folder: string): readonly SourceFile[] {
  const entries = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  return entries
    .filter(name => name.endsWith('.ts'))
    .map(name => {
      const path = join(folder, name)
      const text = readFileSync(join(root, path), 'utf8')
      return { path, text, imports: [...text.matchAll(importPattern)].map(([, module = '']) => module) }
    })
}

/** Where a relative import leads, from the root of the repository. */
const targetOf = (file: SourceFile, module: string): string =>
  relative(root, join(root, dirname(file.path), module))

const isRelative = (module: string) => module.startsWith('.')
const folderOf = (path: string): string => path.split('/')[1] ?? ''
const heightOf = (folder: string): number => layers.findIndex(layer => layer.includes(folder))

const sources = sourcesIn('src')
const layered = sources.filter(file => file.path.split('/').length > 2)
const recipes = sourcesIn('recipes')
const everything = [...sources, ...recipes, ...sourcesIn('test')]

const none: readonly string[] = []

describe('layers', () => {
  test('every folder of src stands in one', () => {
    const folders = new Set(layered.map(file => folderOf(file.path)))
    expect([...folders].filter(folder => heightOf(folder) === -1)).toStrictEqual(none)
  })

  test('a folder imports only from lower layers, never sideways', () => {
    const wrong = layered.flatMap(file =>
      file.imports
        .filter(isRelative)
        .map(module => targetOf(file, module))
        .filter(target => folderOf(target) !== folderOf(file.path) || !target.startsWith('src/'))
        .filter(target => !isBelow(target, file.path))
        .map(target => `${file.path} imports ${target}`),
    )
    expect(wrong.filter(found => !wiring.includes(found))).toStrictEqual(none)
  })

  test('the model imports nothing', () => {
    const wrong = layered.filter(
      file =>
        folderOf(file.path) === 'model' && !file.imports.every(module => /^\.\/[a-z-]+\.ts$/.test(module)),
    )
    expect(wrong.map(file => file.path)).toStrictEqual(none)
  })

  test('no file imports itself through others, not even for a type', () => {
    expect(cyclesIn([...sources, ...recipes])).toStrictEqual(none)
  })
})

/** What stands beside the layers and joins them is imported by the highest one only. */
const wiring = sources
  .filter(file => folderOf(file.path) === 'cli')
  .flatMap(file => ['src/tool-modules.ts', 'src/index.ts'].map(target => `${file.path} imports ${target}`))

function isBelow(target: string, importer: string): boolean {
  const height = heightOf(folderOf(target))
  return target.startsWith('src/') && height > heightOf(folderOf(importer))
}

const importsWithin = (file: SourceFile) =>
  file.imports.filter(isRelative).map(module => targetOf(file, module))

function cyclesIn(files: readonly SourceFile[]): readonly string[] {
  const graph = new Map(files.map(file => [file.path, importsWithin(file)]))
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (path: string, trail: readonly string[]) => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '))
    if (trail.includes(path) || done.has(path)) return
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  return cycles
}

describe('recipes', () => {
  test('import only the public API, their own files and Node', () => {
    const wrong = recipes.flatMap(file =>
      file.imports
        .filter(module => module !== 'stage-deploy' && !module.startsWith('node:'))
        .filter(module => !isRelative(module) || !targetOf(file, module).startsWith('recipes/'))
        .map(module => `${file.path} imports ${module}`),
    )
    expect(wrong).toStrictEqual(none)
  })

  test('are imported by nothing in src: they come in by name', () => {
    const wrong = sources.filter(file => file.imports.some(module => module.includes('/recipes/')))
    expect(wrong.map(file => file.path)).toStrictEqual(none)
  })
})

/** What opens a file, or reads one by its name. What makes a new one is among it: what stands there may be no file. */
const openers =
  /^(?:open|openSync|openAsBlob|readFile(?:Sync)?|create(?:Read|Write)Stream|(?:write|append)File(?:Sync)?|truncate(?:Sync)?|ReadStream|WriteStream|copyFile(?:Sync)?|cp(?:Sync)?|promises|default|\*)$/

/** Who opens files without `openPlainFile`, and why that waits for nobody. */
const opensByItself: Readonly<Record<string, string>> = {
  'src/artifact/plain-file.ts': 'it is the one place',
  'src/artifact/product-cache.ts': 'makes new files with names by chance, exclusively',
  'src/report/log-file.ts': 'a pipe and a device are where a log may go; writing has limits of its own',
  'src/observe/fetch-sdist.ts': 'writes into a directory that this run has just made for itself',
  'src/transport/openssh-host-keys.ts': 'writes into a directory that this run has just made for itself',
  'src/cli/sandbox/sandbox.ts': 'writes into a directory that is empty, and its own',
  'src/cli/commands/init.ts': 'makes a new file, exclusively',
  'src/cli/tool.ts': 'a file of this package',
  'src/remote/bundle.ts': 'files of this package',
  'recipes/plain-file/source.ts': 'a file of this package',
  'recipes/python/host-program.ts': 'files of this package',
  'recipes/service/host-program.ts': 'files of this package',
  'recipes/django/host-program.ts': 'files of this package',
  'recipes/stagetools/host-program.ts': 'files of this package',
}

const fileSystemImports = /\b(?:import|export)\s+(?!type\b)([^;'"]*?)\s+from\s+'(?:node:)?fs(?:\/promises)?'/g

/** What a file imports of Node's file system, as it is called there. */
const ofFileSystem = (text: string): readonly string[] =>
  [...text.matchAll(fileSystemImports)].flatMap(([, names = '']) =>
    names.startsWith('{')
      ? names
          .replace(/[{}]/g, '')
          .split(',')
          .map(name => name.trim().replace(/\s+as\s.*/, ''))
      : ['*'],
  )

/** By another way than an import that stands at the top. */
const importsLater = /\brequire\(|\bgetBuiltinModule\b|\bimport\(\s*['"](?:node:)?fs\b/

const opensFiles = (text: string): boolean =>
  ofFileSystem(text).some(name => openers.test(name)) || importsLater.test(withoutComments(text))

describe('files are opened in one place, which waits for nothing', () => {
  test('but by these', () => {
    // A program for a host, as text.
    const opening = [...sources, ...recipes].filter(({ text }) =>
      opensFiles(text.replace(/"require\(.*/g, '')),
    )
    expect(opening.map(({ path }) => path).toSorted()).toStrictEqual(Object.keys(opensByItself).toSorted())
  })

  test.each([
    ["import { readFile } from 'node:fs/promises'", true],
    ["import { stat, open as unlock } from 'fs/promises'", true],
    ["import {\n  rm,\n  createReadStream,\n} from 'node:fs'", true],
    ["import * as fs from 'node:fs'", true],
    ["import fs from 'node:fs'", true],
    ["const { readFileSync } = require('node:fs')", true],
    ["const { readFile } = await import('node:fs/promises')", true],
    ["import { type FileHandle, stat } from 'node:fs/promises'", false],
    ["import type { FileHandle } from 'node:fs/promises'", false],
  ])('%j opens files: %s', (text, opens) => {
    expect(opensFiles(text)).toBe(opens)
  })
})

describe('effects', () => {
  const filesThat = (pattern: RegExp, files: readonly SourceFile[]) =>
    files.filter(({ text }) => pattern.test(withoutComments(text))).map(file => file.path)

  test('nothing but reporters and the command line writes to the terminal', () => {
    const others = layered.filter(file => !['report', 'cli'].includes(folderOf(file.path)))
    expect(filesThat(/\bconsole\.|\bprocess\.std(?:out|err)\b/, [...others, ...recipes])).toStrictEqual(none)
  })

  test('nothing but the command line ends the process or listens to its signals', () => {
    const others = layered.filter(file => folderOf(file.path) !== 'cli')
    expect(filesThat(/\bprocess\.(?:exit|exitCode|on|once)\b/, [...others, ...recipes])).toStrictEqual(none)
  })

  test('planning, versions, quoting and the model are pure: no clock, no chance, no environment, no file', () => {
    const pure = layered.filter(file => ['model', 'version', 'shell', 'plan'].includes(folderOf(file.path)))
    const impure =
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\.|\bperformance\b|\bfetch\(|\bset(?:Timeout|Interval|Immediate)\b/
    expect(filesThat(impure, pure)).toStrictEqual(none)
    const importing = pure.filter(file => file.imports.some(module => module.startsWith('node:')))
    expect(importing.map(file => file.path)).toStrictEqual(none)
  })
})

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')

describe('files', () => {
  test('have at most 250 lines, but for tests', () => {
    const long = [...sources, ...recipes].filter(({ text }) => text.trimEnd().split('\n').length > 250)
    expect(long.map(file => file.path).filter(path => path !== messageTable)).toStrictEqual(none)
  })

  test('have kebab-case names that say what is in them', () => {
    const wrong = everything
      .map(file => file.path)
      .filter(
        path => !/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test|\.test-d)?\.ts$/.test(basename(path)) || isVague(path),
      )
    expect(wrong).toStrictEqual(none)
  })

  test('export by name', () => {
    const wrong = [...sources, ...recipes].filter(({ text }) =>
      /^export default\b|\bas default\b/m.test(text),
    )
    expect(wrong.map(file => file.path)).toStrictEqual(none)
  })
})

/** One table of every message between two programs; cut in two it would no longer be one. */
const messageTable = 'src/remote/messages.ts'

const isVague = (path: string) =>
  /^(?:utils?|types?|helpers?|misc|common|constants)\.ts$/.test(basename(path))
