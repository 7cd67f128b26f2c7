import { readdirSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { afterAll, beforeAll, expect } from 'vitest'
import { jsonFrame } from '../../src/remote/frames.ts'
import { Envelope, requests } from '../../src/remote/messages.ts'
import { anyOrder, onlyInvalid } from './support/conversations.ts'
import { Conversation, converse, type Sent } from './support/converse.ts'
import { fuzz } from './support/fuzz.ts'
import { leftBehind, type RealEnd, startRealEnd } from './support/real-end.ts'
import { copyRoot, journalOf, linkText, makeRoot, removeRoots, snapshot } from './support/real-root.ts'
import { isValid, requestNames } from './support/vocabulary.ts'

let directory: string
let cases = 0
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stage-fuzz-requests-'))
  await makeRoot(join(directory, 'root'))
}, 60_000)
afterAll(() => removeRoots(directory))

/** The undo of what was started, with all that its steps may take, is done by then. */
const PATIENCE_MS = 30_000

/** Looks at what a conversation has come to. */
type Look = (answers: Answers, sent: readonly Sent[]) => void

/** Has a conversation with a remote end of its own about a root of its own, which is looked at before and after. */
async function converseAlone(conversation: Conversation, begin: (root: string) => Look): Promise<void> {
  cases += 1
  const home = join(directory, String(cases))
  await copyRoot(join(directory, 'root'), home)
  const root = join(home, 'root')
  const look = begin(root)
  const end = await startRealEnd(home)
  const sent = await converse(end, conversation, root)
  if (conversation.end === 'close') end.write(closing(sent.length + 1))
  const { code, errors } = await end.end(conversation.end === 'signal' ? 'signal' : 'eof', PATIENCE_MS)
  expect({ code, errors }).toStrictEqual({ code: 0, errors: '' })
  expect(await leftBehind(home)).toStrictEqual([])
  look(answersIn(end, sent), sent)
  await removeRoots(home)
}

const closing = (id: number) => jsonFrame({ id, do: 'close', with: {} })

type Answers = ReadonlyMap<number, v.InferOutput<typeof Envelope>>

/** Every request has one answer at most, and it is one that the runner understands; none is a bug of the host. */
function answersIn(end: RealEnd, sent: readonly Sent[]): Answers {
  const answers = new Map<number, v.InferOutput<typeof Envelope>>()
  for (const frame of end.frames) {
    if (frame.kind !== 'json') {
      expect(frame).toMatchObject({ kind: expect.stringMatching(/^(?:data|output)$/) })
      continue
    }
    const answer = v.parse(Envelope, frame.value)
    expect(answers.has(answer.id)).toBe(false)
    answers.set(answer.id, answer)
    const asked = requestNames.find(name => name === sent[answer.id - 1]?.name)
    if ('error' in answer) expect(answer.error).not.toMatchObject({ code: 'internal' })
    else if (asked !== undefined) v.parse(requests[asked].answer, answer.ok)
  }
  return answers
}

/** A link is where the last switch that was kept has put it, and no switch is left open. */
function checkSwitches(root: string): void {
  const targets = new Map<unknown, unknown>()
  const open = new Set<unknown>()
  let live: unknown
  for (const { what, id, stage, to } of journalOf(root)) {
    if (what === 'intent' && stage === 'staging') targets.set(id, to)
    if (what === 'kept' && stage === 'staging') live = targets.get(id)
    if (what === 'intent') open.add(id)
    if (what === 'kept' || what === 'put-back') open.delete(id)
  }
  expect(linkText(root, 'staging') ?? null).toBe(live)
  expect([...open]).toStrictEqual([])
  expect(readdirSync(join(root, '.stage/incoming'))).toStrictEqual([])
}

const asJson = {
  read: (bytes: Buffer) => v.parse(Conversation, JSON.parse(bytes.toString('utf8'))),
  write: (conversation: Conversation) => Buffer.from(JSON.stringify(conversation)),
}

fuzz<Conversation>(
  'request-orders',
  'requests in any order leave each link where the last kept switch has put it',
  {
    inputs: anyOrder,
    check: conversation => converseAlone(conversation, root => () => checkSwitches(root)),
    ...asJson,
  },
)

fuzz<Conversation>('invalid-requests', 'what is no valid request is refused, and changes nothing', {
  inputs: onlyInvalid,
  check: conversation =>
    converseAlone(conversation, root => {
      const before = withoutLocks(root)
      return (answers, sent) => {
        for (const { id, name, body } of sent) if (!isValid(name, body)) checkRefused(answers.get(id))
        expect(withoutLocks(root)).toStrictEqual(before)
      }
    }),
  ...asJson,
})

/** At the end of a connection nothing is written any more: what was asked last may have no answer. */
function checkRefused(answer: v.InferOutput<typeof Envelope> | undefined): void {
  if (answer === undefined) return
  expect(answer).toMatchObject({ error: { code: expect.stringMatching(/^(?:invalid|not-open)$/) } })
}

/** Lock files tell who held them: to hold one is a valid request. */
function withoutLocks(root: string): readonly (readonly [string, string])[] {
  return [...snapshot(root)].filter(([path]) => !path.includes('/.stage/locks'))
}
