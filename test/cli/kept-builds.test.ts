import { expect, test } from 'vitest'
import type { KeptProducts, ProductCache } from '../../src/artifact/product-cache.ts'
import { keptBuilds } from '../../src/cli/kept-builds.ts'

/** A cache that has one build of some stages, and remembers what was asked of it. */
function aCache(stages: readonly string[]) {
  const asked: string[] = []
  let closed = false
  const cache: ProductCache = {
    async find(id, stage): Promise<KeptProducts | undefined> {
      asked.push(`${id} of ${stage}`)
      if (!stages.includes(stage)) return undefined
      const builder = { host: `host of ${stage}`, stage, run: 'r1', atMs: 7 }
      return { builder, files: [], read: () => nothing(), used: async () => undefined }
    },
    prepare: async () => undefined,
    begin: () => Promise.reject(new Error('nothing is built here')),
    forget: async () => undefined,
    async [Symbol.asyncDispose]() {
      closed = true
    },
  }
  return { cache, asked, isClosed: () => closed }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

test('the first of the stages that may build is taken, and no other is looked at', async () => {
  const { cache, asked } = aCache(['staging', 'dev'])
  await using kept = keptBuilds(cache)
  const builders = await kept.find(['a'], ['production', 'staging', 'dev'])
  expect(builders.get('a')?.stage).toBe('staging')
  expect(asked).toEqual(['a of production', 'a of staging'])
})

test('what was found once is not looked for again: it is the same in the plan and in the run', async () => {
  const { cache, asked } = aCache(['staging'])
  await using kept = keptBuilds(cache)
  await kept.find(['a'], ['staging'])
  expect([...(await kept.find(['a', 'b'], ['staging'])).keys()]).toEqual(['a', 'b'])
  expect([...kept.found.keys()]).toEqual(['a', 'b'])
  expect(asked).toEqual(['a of staging', 'b of staging'])
})

test('of stages that may not build nothing is found', async () => {
  await using kept = keptBuilds(aCache(['staging']).cache)
  expect((await kept.find(['a'], ['production'])).size).toBe(0)
})

test('all of it is closed with the run', async () => {
  const { cache, isClosed } = aCache([])
  {
    await using kept = keptBuilds(cache)
    expect(kept.found.size).toBe(0)
    expect(isClosed()).toBe(false)
  }
  expect(isClosed()).toBe(true)
})
