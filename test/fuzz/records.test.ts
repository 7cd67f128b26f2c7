import fc from 'fast-check'
import * as v from 'valibot'
import { afterAll, beforeAll, expect } from 'vitest'
import { MAX_FRAME_FROM_HOST } from '../../src/remote/frames.ts'
import { refusalCodes, requests } from '../../src/remote/messages.ts'
import { fuzz } from './support/fuzz.ts'
import { type Host, Refused, startHost } from './support/host.ts'
import { JOURNAL, JOURNAL_WORDS } from './support/journals.ts'
import { jsonEdited, jsonEdits } from './support/json-edits.ts'
import { byteEdits, edited } from './support/mutations.ts'

let host: Host
beforeAll(async () => {
  host = await startHost()
})
afterAll(() => host[Symbol.asyncDispose]())

const Told = v.object({
  ok: v.optional(
    v.object({
      // The very shapes that the runner checks: an answer that does not fit ends the connection.
      observe: requests.observe.answer,
      journal: requests.journal.answer,
      left: v.array(v.boolean()),
      needed: v.record(v.string(), v.string()),
    }),
  ),
  refused: v.optional(Refused),
})

/** Whatever stands in the journal, the host tells what it can; only a line of another version is refused. */
async function askWith(journal: Buffer) {
  const question = {
    ask: 'journalled',
    content: journal.toString('base64'),
    limit: 1_000,
    ids: ['s1', 's2', 's3', 's4', ''],
  }
  const { ok, refused } = await host.ask(question, Told)
  if (ok === undefined) expect(refused).toMatchObject({ code: 'not-ours' })
  else {
    expect(JSON.stringify(ok.observe).length).toBeLessThan(MAX_FRAME_FROM_HOST)
    // What is told as unfinished is going to be abandoned by this name.
    for (const name of ok.observe.unfinished) expect(name).toMatch(/^[A-Za-z0-9][A-Za-z0-9._+!-]*$/)
  }
  return ok
}

const asBytes = { read: (bytes: Buffer) => bytes, write: (bytes: Buffer) => bytes }

const linesOf = (entries: unknown) =>
  Buffer.from(
    (Array.isArray(entries) ? entries : [entries]).map(entry => `${JSON.stringify(entry)}\n`).join(''),
  )

const almostJournal = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.subarray([...JOURNAL], { minLength: 1, maxLength: 5 }), jsonEdits(JOURNAL_WORDS, 3))
      .map(([entries, edits]) => linesOf(jsonEdited(entries, edits))),
  },
  byteEdits(
    ['\n', '{', '}', '"', '\\u', '\\ud800', '\0', ',', ':', '1e999', '9'.repeat(5000), '-1', 'true'],
    6,
  ).map(edits => edited(linesOf(JOURNAL), edits)),
  fc
    .tuple(fc.nat(JOURNAL.length), fc.constantFrom('[', '{"a":', '"\\', ' '))
    .map(([at, piece]) =>
      Buffer.concat([linesOf(JOURNAL.slice(0, at)), Buffer.from(piece.repeat(100_000)), linesOf(JOURNAL)]),
    ),
)

fuzz('journal', 'a host with any journal tells what it can in the shape that the runner expects', {
  inputs: almostJournal,
  check: async bytes => {
    await askWith(bytes)
  },
  ...asBytes,
  batch: 20,
})

/** Beginnings of lines between whole ones, as crashes and full disks leave them. */
const Torn = v.object({ at: v.number(), line: v.number(), length: v.number() })
type Torn = v.InferOutput<typeof Torn>

async function checkTorn(pieces: readonly Torn[]): Promise<void> {
  const whole = JOURNAL.map(entry => `${JSON.stringify(entry)}\n`)
  const lines = whole.map((line, index) => {
    const torn = pieces.filter(({ at }) => at === index)
    // The next writer puts a line break before its own line.
    return [...torn.map(piece => `${whole[piece.line]?.slice(0, -2).slice(0, piece.length)}\n`), line].join(
      '',
    )
  })
  const [told, expected] = [await askWith(Buffer.from(lines.join(''))), await askWith(linesOf(JOURNAL))]
  expect(told?.observe.stages).toStrictEqual(expected?.observe.stages)
  expect(told?.journal).toStrictEqual(expected?.journal)
}

const place = fc.nat(JOURNAL.length - 1)
fuzz<readonly Torn[]>('torn-journal', 'lines that were torn off change nothing', {
  inputs: fc.array(fc.record({ at: place, line: place, length: fc.nat(300) }), { maxLength: 5 }),
  check: checkTorn,
  read: bytes => v.parse(v.array(Torn), JSON.parse(bytes.toString('utf8'))),
  write: pieces => Buffer.from(JSON.stringify(pieces)),
  batch: 20,
})

const step = { step: 'verify/1', title: 'pip check', result: 'ok', durationMs: 12 }
const by = { run: 'run-1', by: 'ana', origin: 'laptop', command: 'deploy staging', atMs: 1_800_000_000_000 }
const environment = {
  path: '.env',
  executable: '.env/bin/python',
  python: '3.11.2',
  platform: 'linux',
  wheels: [{ file: 'shop-1.0-py3-none-any.whl', sha256: '0'.repeat(64) }],
}
const revision = { v: 1, revision: 'shop-1.0', name: 'shop', version: '1.0', sha256: '0'.repeat(64) }
const holder = { run: 'run-1', by: 'ana', from: 'laptop', pid: 4711, command: 'deploy staging', sinceMs: 1 }

/** Every file of JSON that a host reads, by its path in the root. */
const RECORDS: Readonly<Record<string, object>> = {
  'shop-1.0/.revision.json': {
    ...revision,
    ...by,
    sourceDigest: '1'.repeat(64),
    treeDigest: '2'.repeat(64),
    environment,
    shared: [{ path: 'media', target: 'media' }],
    verification: [step],
    builders: [],
    tool: '0.1.0',
  },
  '.stage/rejected/shop-1.0.json': { ...revision, ...by, reason: 'tests failed', verification: [step] },
  '.stage/root.json': { v: 1, id: '0'.repeat(32), project: 'shop' },
  '.stage/locks/staging': holder,
  '.stage/frozen/staging.json': {
    ...by,
    from: 'laptop',
    reason: 'a holiday',
    sinceMs: 1,
    atMs: undefined,
    origin: undefined,
  },
  '.stage/incoming/shop-1.0.record.json': environment,
}

/** In the corpus: its path in the root, a line break, and what is in it. */
interface RecordFile {
  readonly path: string
  readonly bytes: Buffer
}

const almostRecord: fc.Arbitrary<RecordFile> = fc
  .constantFrom(...Object.entries(RECORDS))
  .chain(([path, record]) => {
    const sound = Buffer.from(JSON.stringify(record))
    const bytes = fc.oneof(
      jsonEdits(['v', 'atMs', 'environment', 'shop-1.0', 'shop', '/bin/sh', '..']).map(edits =>
        Buffer.from(JSON.stringify(jsonEdited(record, edits)) ?? ''),
      ),
      byteEdits(['null', '{', '[', '"', '\\u', '\0', '1e999', '-1', '9'.repeat(5000), 'NaN', 'true']).map(
        edits => edited(sound, edits),
      ),
      fc.constantFrom('[', '{"a":').map(piece => Buffer.from(piece.repeat(100_000))),
    )
    return fc.record({ path: fc.constant(path), bytes })
  })

const Code = v.object({ code: v.picklist(refusalCodes) })
const Recorded = v.object({
  ok: v.optional(v.object({ observe: requests.observe.answer })),
  refused: v.optional(Refused),
  acts: v.array(v.union([v.object({ ok: v.unknown() }), v.object({ refused: Code })])),
})

async function checkRecord({ path, bytes }: RecordFile): Promise<void> {
  const question = { ask: 'recorded', path, content: bytes.toString('base64') }
  const { ok, refused, acts } = await host.ask(question, Recorded)
  expect(refused).toBeUndefined()
  expect(ok?.observe.revisions.length).toBeLessThanOrEqual(1)
  for (const act of acts) if ('refused' in act) expect(act.refused.code).not.toBe('internal')
}

fuzz<RecordFile>('record', 'a host with any record tells of it in the shape that the runner expects', {
  inputs: almostRecord,
  check: checkRecord,
  read: bytes => {
    const end = bytes.indexOf('\n')
    return { path: bytes.toString('utf8', 0, end), bytes: bytes.subarray(end + 1) }
  },
  write: ({ path, bytes }) => Buffer.concat([Buffer.from(`${path}\n`), bytes]),
  batch: 20,
})
