import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { promotedSdist } from '../../src/cli/promoted-sdist.ts'
import { makeSdist } from '../support/make-sdist.ts'
import { makeScratchDirectory } from '../support/scratch-directory.ts'
import { type Handlers, Refuse, type ScriptedEnd, scriptedEnd } from '../support/scripted-end.ts'

const right = makeSdist({ name: 'shop', version: '1.0' })
const sha256 = createHash('sha256').update(right).digest('hex')
const wanted = {
  ...{ name: 'shop-1.0', project: 'shop', version: '1.0', sha256 },
  ...{ requiresPython: undefined, sdist: undefined },
}

/** A host that gives these bytes, and says that they are so many. */
const giving = (bytes: Buffer, announced = bytes.length): Handlers => ({
  'measure-sdist': () => ({ bytes: announced }),
  fetch: (_, { give }) => {
    give(bytes)
    return {}
  },
})

interface Asking {
  readonly hosts: readonly Handlers[]
  readonly signal?: AbortSignal
  readonly sha256?: string
  readonly project?: string
}

/** Asks hosts for it, web1 first. */
async function ask({ hosts, signal = new AbortController().signal, ...changes }: Asking) {
  await using scratch = await makeScratchDirectory()
  const ends = new Map<string, ScriptedEnd>()
  for (const [index, handlers] of hosts.entries())
    ends.set(`web${index + 1}`, await scriptedEnd(`web${index + 1}`, handlers))
  const remotes = new Map([...ends].map(([name, { end }]) => [name, end]))
  const promoted = { wanted: { ...wanted, ...changes }, holders: [...ends.keys()], notHolders: [] }
  const found = await promotedSdist(promoted, remotes, scratch.path, signal)
  const asked = [...ends].map(([name, end]) => `${name} ${end.asked.map(one => one.do).join(' ')}`)
  for (const { end } of ends.values()) end.kill()
  const problems = found.kind === 'fetched' ? found.warnings : found.problems
  const texts = problems.map(({ severity, where, message }) => `${severity} ${where}: ${message}`)
  return { kind: found.kind, texts, asked, lost: [...ends.values()].map(({ end }) => end.isLost) }
}

test('the bytes are taken from the first host that has them, and nobody else is asked', async () => {
  expect(await ask({ hosts: [giving(right), giving(right)] })).toMatchObject({
    ...{ kind: 'fetched', texts: [] },
    asked: ['web1 measure-sdist fetch', 'web2 '],
  })
})

describe('a host is named, and the next one asked, when', () => {
  test.each([
    ['it has other bytes', giving(Buffer.from('other')), /its sdist has the sha256 d9298a10/],
    ['it sends more than it announced', giving(right, 5), /it sent more data for fetch than was announced/],
    ['it sends less than it announced', giving(right, 1e6), /it sent \d+ of 1000000 bytes/],
    ['it announces too much', giving(right, 2 ** 40), /its sdist has 1099511627776 bytes; at most/],
    [
      'it refuses',
      {
        'measure-sdist': () => {
          throw new Refuse('not-standing', 'shop-1.0 is not here')
        },
      },
      /shop-1\.0 is not here$/,
    ],
  ] as const)('%s', async (_what, first, said) => {
    const { kind, texts } = await ask({ hosts: [first, giving(right)] })
    expect({ kind, texts }).toEqual({ kind: 'fetched', texts: [expect.stringMatching(said)] })
    expect(texts[0]).toMatch(/^warning web1: it cannot give the sdist of shop-1\.0: /)
    const alone = await ask({ hosts: [first] })
    expect(alone).toMatchObject({ kind: 'refused', texts: [expect.stringMatching(said)] })
    expect(alone.texts[0]).toMatch(/^error web1: /)
  })
})

describe('bytes that are right, of an archive that', () => {
  const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

  test('cannot be read are refused, and nobody else is asked: they are the same everywhere', async () => {
    const broken = Buffer.from('no archive')
    const { kind, texts, asked } = await ask({
      hosts: [giving(broken), giving(broken)],
      sha256: hashOf(broken),
    })
    expect({ kind, texts }).toEqual({
      kind: 'refused',
      texts: [expect.stringMatching(/^error web1: the sdist that shop-1\.0 is made from cannot be read: /)],
    })
    expect(asked[1]).toBe('web2 ')
  })

  test('is something else are refused', async () => {
    expect(await ask({ hosts: [giving(right)], project: 'other' })).toMatchObject({
      kind: 'refused',
      texts: ['error web1: the sdist that shop-1.0 is made from says that it is shop 1.0'],
    })
  })
})

test('where no host can be asked at all, every one is named', async () => {
  const notHolders = ['web1', 'web2'].map(host => ({ host, why: 'its interpreter is gone' }))
  const promoted = { wanted, holders: [], notHolders }
  const found = await promotedSdist(promoted, new Map(), '/nowhere', new AbortController().signal)
  expect(found).toMatchObject({
    kind: 'refused',
    problems: ['web1', 'web2'].map(where => ({
      ...{ where, severity: 'error' },
      message: 'it cannot give the sdist of shop-1.0: its interpreter is gone',
    })),
  })
})

test('a signal ends the wait for a host that answers nothing, and gives its connection up', async () => {
  const stop = new AbortController()
  const silent: Handlers = {
    'measure-sdist': () => ({ bytes: 5 }),
    fetch: () => {
      setImmediate(() => stop.abort())
      return new Promise(() => undefined)
    },
  }
  expect(await ask({ hosts: [silent, giving(right)], signal: stop.signal })).toMatchObject({
    ...{ kind: 'refused', lost: [true, true] },
    asked: ['web1 measure-sdist fetch', 'web2 '],
  })
})

test('a directory that takes nothing is said with what it is', async () => {
  await using scratch = await makeScratchDirectory()
  const { end } = await scriptedEnd('web1', giving(right))
  const gone = `${scratch.path}/gone`
  const found = await promotedSdist(
    { wanted, holders: ['web1'], notHolders: [] },
    new Map([['web1', end]]),
    gone,
    new AbortController().signal,
  ).catch((error: unknown) => error)
  end.kill()
  expect(found).toMatchObject({
    kind: 'refused',
    problems: [{ message: expect.stringMatching(/on this machine/) }],
  })
})
