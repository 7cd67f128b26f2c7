import { expect, test } from 'vitest'
import { runIdentity } from '../../src/cli/run-identity.ts'
import { noon } from '../support/builders.ts'
import { aTerminal } from './support/a-terminal.ts'

const identityAt = (atMs: number) => runIdentity(aTerminal({ now: () => atMs }).around)

test('a run is known by who started it, where, and how', () => {
  const { around } = aTerminal({ argv: ['production', 'dist/a b.tar.gz'] })
  const { id, ...run } = runIdentity(around)
  expect(id).toMatch(/^20261120T120000000Z-[0-9a-f]{6}$/)
  expect(run).toEqual({
    by: 'ana',
    from: 'laptop',
    pid: 4211,
    command: "deploy production 'dist/a b.tar.gz'",
    atMs: noon,
  })
})

test('ids sort by time, to the millisecond', () => {
  const ids = [noon, noon + 1, noon + 1_000, noon + 86_400_000].map(atMs => identityAt(atMs).id)
  expect(ids.toSorted()).toEqual(ids)
})

test('two runs of the same millisecond have two ids', () => {
  expect(identityAt(noon).id).not.toBe(identityAt(noon).id)
})

test('a secret in the command line stands there by its name, quoted as it may be', () => {
  const secret = "it's hunter2"
  const { around } = aTerminal({ argv: ['production', '--reason', secret] })
  expect(runIdentity(around, new Map([['TOKEN', secret]])).command).toBe(
    "deploy production --reason '[TOKEN]'",
  )
})
