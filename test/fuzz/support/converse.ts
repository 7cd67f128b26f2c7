import * as v from 'valibot'
import { dataFrame, jsonFrame } from '../../../src/remote/frames.ts'
import type { RealEnd } from './real-end.ts'
import { SDIST } from './real-root.ts'

/** One thing that a runner does, or that something else than a runner does. */
const Turn = v.variant('kind', [
  /** `@root` in a text is the root. `id`: another one than comes next. */
  v.object({ kind: v.literal('ask'), name: v.string(), body: v.unknown(), id: v.optional(v.unknown()) }),
  /** Data for the request so many before the latest. */
  v.object({
    kind: v.literal('data'),
    back: v.number(),
    part: v.picklist(['all', 'first', 'rest', 'end', 'other']),
  }),
  /** Bytes in hexadecimal that are no frame. */
  v.object({ kind: v.literal('raw'), bytes: v.string() }),
  /** Waits until what was said before was heard. */
  v.object({ kind: v.literal('pause') }),
])
export type Turn = v.InferOutput<typeof Turn>

/** What is said to one remote end, and how the connection ends. */
export const Conversation = v.object({ turns: v.array(Turn), end: v.picklist(['eof', 'close', 'signal']) })
export type Conversation = v.InferOutput<typeof Conversation>

/** A request as it was sent. */
export interface Sent {
  readonly id: number
  readonly name: string
  readonly body: unknown
}

const PAUSE_MS = 10_000

/** Says all of it, in one go but for the pauses. @returns what was asked with the id that comes next */
export async function converse(
  end: RealEnd,
  { turns }: Conversation,
  root: string,
): Promise<readonly Sent[]> {
  const sent: Sent[] = []
  const say = (name: string, body: unknown, id: unknown = sent.length + 1) => {
    if (id === sent.length + 1) sent.push({ id: sent.length + 1, name, body })
    const text = JSON.stringify({ id, do: name, with: body }).replaceAll('@root', root)
    end.write(jsonFrame(JSON.parse(text)))
  }
  for (const turn of turns) {
    switch (turn.kind) {
      case 'ask':
        say(turn.name, turn.body, turn.id)
        break
      case 'data':
        end.write(dataFrame(Math.max(0, sent.length - turn.back), partOf(turn.part)))
        break
      case 'raw':
        end.write(Buffer.from(turn.bytes, 'hex'))
        break
      case 'pause': {
        say('beat', {})
        const id = sent.length
        await end.until(frame => frame.kind === 'json' && hasId(frame.value, id), PAUSE_MS)
        break
      }
    }
  }
  return sent
}

const hasId = (value: unknown, id: number) =>
  typeof value === 'object' && value !== null && 'id' in value && value.id === id

function partOf(part: 'all' | 'first' | 'rest' | 'end' | 'other'): Buffer {
  const middle = SDIST.length >> 1
  switch (part) {
    case 'all':
      return SDIST
    case 'first':
      return SDIST.subarray(0, middle)
    case 'rest':
      return SDIST.subarray(middle)
    case 'end':
      return Buffer.alloc(0)
    case 'other':
      return Buffer.alloc(100_000, 'x')
  }
}
