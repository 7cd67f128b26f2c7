import { expect, test } from 'vitest'
import { inspectHost } from '../../src/observe/inspect-host.ts'
import { fact } from '../../src/recipe/fact.ts'
import type { Answer } from '../../src/remote/messages.ts'
import { scriptedEnd } from '../support/scripted-end.ts'

const bare: Answer<'inspect'> = {
  ...{ group: 'deploy', groups: ['deploy'], paths: [], sealed: null, why: null },
  ...{ leftovers: [], leftoversTotal: 0, busy: false, facts: [] },
}

/** A host whose clock says this while the runner's goes from the first to the second of these, in milliseconds. */
async function inspected(
  hostMs: number,
  runnerMs: readonly [number, number],
  answer: Answer<'inspect'> = bare,
) {
  const times = [...runnerMs]
  const { end } = await scriptedEnd('web1', {
    clock: () => ({ timeNs: String(BigInt(hostMs) * 1_000_000n) }),
    inspect: () => answer,
  })
  const expectations = ['a', 'b'].map(field => ({
    ...{ field, expected: 'x', severity: 'drift' as const, mend: { kind: 'advice' as const, text: 'y' } },
    actual: fact([field], out => out.trim()),
  }))
  const deps = { now: () => times.shift() ?? 0, signal: new AbortController().signal }
  return await inspectHost(end, { revision: undefined, paths: [], expectations }, deps)
}

test('the clock of a host is compared with the middle of the round trip, and half of it may be wrong', async () => {
  const { clock } = await inspected(1_800_000_005_000, [1_800_000_000_000, 1_800_000_000_300])
  expect(clock).toEqual({ offsetMs: 4_850, errorMs: 150 })
})

test('what a recipe asked is read by its own parser, and a program that failed has its reason', async () => {
  const ended = { kind: 'exited', code: 0, signal: null, reason: null, durationMs: 1 } as const
  const { answers } = await inspected(0, [0, 0], {
    ...bare,
    facts: [
      { id: '0', ended, out: ' active\n', err: '' },
      { id: '1', ended: { ...ended, code: 4 }, out: '', err: 'no such unit\n' },
    ],
  })
  expect(answers).toEqual([
    { kind: 'answered', actual: 'active' },
    { kind: 'unanswered', reason: 'exit 4: no such unit' },
  ])
})

test('what is null on the wire is undefined', async () => {
  const paths = [{ path: 'x', kind: 'absent', owner: null, group: null, mode: null } as const]
  const tree = {
    ...{ digest: null, listed: true, changes: [{ path: 'a', how: 'removed', was: null } as const] },
    ...{ changesTotal: 1, writable: [], writableTotal: 0, strange: [], strangeTotal: 0 },
  }
  const sealed = {
    ...{
      sha256: 'a'.repeat(64),
      treeDigest: 'b'.repeat(64),
      python: null,
      executable: null,
      interpreter: null,
      sdist: null,
    },
    ...{ builders: [], dangling: [], tree },
  }
  const { paths: found, sealed: read, why } = await inspected(0, [0, 0], { ...bare, paths, sealed })
  expect({
    found,
    why,
    python: read?.python,
    digest: read?.tree.digest,
    was: read?.tree.changes[0]?.was,
  }).toStrictEqual({
    ...{ why: undefined, python: undefined, digest: undefined, was: undefined },
    found: [{ path: 'x', kind: 'absent', owner: undefined, group: undefined, mode: undefined }],
  })
})
