import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect } from 'vitest'
import { loadConfig } from '../../src/config/load-config.ts'
import type { ResolvedConfig } from '../../src/config/resolved-config.ts'
import { StageError } from '../../src/model/stage-error.ts'
import { loadToolModules, type ToolModules } from '../../src/tool-modules.ts'
import { checkResolved, readWritten } from './support/check-configuration.ts'
import { almostConfigurations, configurations, WORDS } from './support/configurations.ts'
import { fuzz } from './support/fuzz.ts'
import { byteEdits, edited } from './support/mutations.ts'

let modules: ToolModules
let directory: string
beforeAll(async () => {
  modules = await loadToolModules()
  directory = await mkdtemp(join(tmpdir(), 'stage-fuzz-config-'))
})
afterAll(() => rm(directory, { recursive: true }))

/** What TypeScript can write besides plain data. */
const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
})

fuzz('configuration', 'a configuration is resolved, or refused with every problem and its path', {
  inputs: fc.oneof({ weight: 10, arbitrary: almostConfigurations }, anything),
  check: written => readWritten(written, modules),
  read: bytes => JSON.parse(bytes.toString('utf8')),
  write: written => Buffer.from(JSON.stringify(written) ?? String(written)),
  batch: 100,
})

/** In the corpus: its extension, a line break, and what is in it. */
interface ConfigFile {
  readonly extension: 'json' | 'yaml'
  readonly bytes: Buffer
}

const YAML = `# A configuration.
project: shop
hosts:
  web1: &first { address: web1.example.com, port: 22, labels: [web] }
  web2: { <<: *first, address: "web2.example.com" }
stages:
  production:
    hosts: { label: web }
    env: { A: 'b', C: { secret: D } }
recipes: [python, { http: { url: "http://localhost/" } }]
verify:
  - exec: [make, test]
    timeout: 5m
    undo: false
  - script: |
      set -e
      echo "$1"
    args: [x]
`

const YAML_WORDS = [
  ...[
    '&a ',
    '*a',
    '*first',
    '<<: ',
    '!!',
    '!!js/function "x"',
    '!!set',
    '!!binary "aaa"',
    '!!timestamp ',
    '---\n',
  ],
  ...[
    '...\n',
    '? ',
    ': ',
    '- ',
    '[',
    ']',
    '{',
    '}',
    '|',
    '>',
    '\t',
    '"',
    "'",
    '#',
    '%YAML 1.1\n',
    '\ufeff',
    '\0',
  ],
  ...['2024-01-01', '0o7', '.inf', '.nan', '~', 'yes', '1_000', '\n', '\r\n', '  ', '\u0085', '\u2028', '🙂'],
]

const JSON_WORDS = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '\\u',
  '\\ud800',
  'null',
  '1e999',
  '\ufeff',
  '//',
  '\n',
]

const texts: fc.Arbitrary<ConfigFile> = fc.oneof(
  byteEdits([...YAML_WORDS, ...WORDS], 4).map(edits => ({
    extension: 'yaml' as const,
    bytes: edited(Buffer.from(YAML), edits),
  })),
  fc
    .tuple(fc.constantFrom(...configurations), byteEdits([...JSON_WORDS, ...WORDS], 4))
    .map(([configuration, edits]) => ({
      extension: 'json' as const,
      bytes: edited(Buffer.from(JSON.stringify(configuration, undefined, 2)), edits),
    })),
)

async function checkText({ extension, bytes }: ConfigFile): Promise<void> {
  const file = join(directory, `stage.config.${extension}`)
  await writeFile(file, bytes)
  const resolved = await loaded(file)
  if (resolved !== undefined) checkResolved(resolved)
}

async function loaded(file: string): Promise<ResolvedConfig | undefined> {
  try {
    return await loadConfig({ cwd: directory, file, home: '/home/ana', modules })
  } catch (error) {
    if (!(error instanceof StageError)) throw error
    expect(error.code).toBe('config')
    expect(error.message).toContain(file)
    return undefined
  }
}

fuzz<ConfigFile>('configuration-text', 'a text is a configuration, or refused naming the file', {
  inputs: texts,
  check: checkText,
  read: bytes => {
    const end = bytes.indexOf('\n')
    const extension = bytes.toString('utf8', 0, end) === 'json' ? 'json' : 'yaml'
    return { extension, bytes: bytes.subarray(end + 1) }
  },
  write: ({ extension, bytes }) => Buffer.concat([Buffer.from(`${extension}\n`), bytes]),
  batch: 20,
})
