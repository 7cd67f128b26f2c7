import { expect, test } from 'vitest'
import { pruneAll } from '../../src/cli/prune-all.ts'
import type { Answer, Body } from '../../src/remote/messages.ts'

type Prune = Answer<'prune'>

/** A host that removes ten leftovers for each request, of which so many cannot go. */
function host(leftovers: number, stuck = 0) {
  const asked: Body<'prune'>[] = []
  let left = leftovers
  const ask = async (body: Body<'prune'>): Promise<Prune> => {
    asked.push(body)
    const removed = Math.min(10, left - stuck)
    left -= removed
    return { removed: body.revisions, kept: [], swept: { removed, left, kept: [] } }
  }
  return { asked, ask }
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `shop-0.${index}`)

test.each([
  { revisions: 0, leftovers: 0, requests: 1 },
  { revisions: 25, leftovers: 0, requests: 3 },
  { revisions: 25, leftovers: 1000, requests: 100 },
  { revisions: 0, leftovers: 1000, requests: 100 },
])('$revisions revisions and $leftovers leftovers are gone after $requests requests', async row => {
  const { asked, ask } = host(row.leftovers)
  const all = await pruneAll(ask, 'production', names(row.revisions))
  expect(all).toMatchObject({
    removed: names(row.revisions),
    swept: { removed: row.leftovers, left: 0 },
  })
  expect(asked.length).toBe(row.requests)
  for (const { revisions, atMost } of asked) {
    expect(revisions.length).toBeLessThanOrEqual(10)
    expect(atMost).toBe(revisions.length)
  }
})

test('what cannot go is asked for once more, and then left', async () => {
  const { asked, ask } = host(25, 4)
  expect(await pruneAll(ask, 'production', [])).toMatchObject({ swept: { removed: 21, left: 4 } })
  expect(asked.length).toBe(4)
})

test('a host that says without end that a little less is left is given up', async () => {
  let left = Number.MAX_SAFE_INTEGER
  let asked = 0
  const ask = async (): Promise<Prune> => {
    asked++
    left--
    return { removed: [], kept: [], swept: { removed: 1, left, kept: [] } }
  }
  expect((await pruneAll(ask, 'production', [])).swept.left).toBe(left)
  expect(asked).toBe(1001)
})
