import fc from 'fast-check'
import * as v from 'valibot'
import { type RequestName, requests } from '../../../src/remote/messages.ts'
import type { Words } from './from-schema.ts'
import { SDIST, SHA256 } from './real-root.ts'

export const requestNames = v.parse(
  v.array(v.custom<RequestName>(name => typeof name === 'string' && Object.hasOwn(requests, name))),
  Object.keys(requests),
)

/** Sound words that meet each other often. */
const texts: Readonly<Record<string, readonly string[]>> = {
  id: ['s1', 's1', 's2'],
  recovers: ['s0', 's1'],
  name: ['staging', 'staging', 'production', 'shop-1.1', 'shop-1.2', 'shop-1.3', '../x', '.stage'],
  stage: ['staging', 'staging', 'production', 'shared', '../x'],
  stages: ['staging', 'production', 'x/y'],
  revision: ['shop-1.3', 'shop-1.3', 'shop-1.1', 'shop-1.0', 'staging', '..', 'shop-1.3/../x'],
  revisions: ['shop-1.0', 'shop-1.1', 'shop-1.2', 'shop-1.3', 'staging'],
  check: ['shop-1.0', 'shop-1.3'],
  from: ['shop-1.0', 'shop-1.0', 'shop-1.1', '/etc', ''],
  to: ['shop-1.1', 'shop-1.1', 'shop-1.2', 'shop-1.0', 'shop-9.9', 'staging', '..'],
  build: ['shop-1.3', 'shop-1.1'],
  sha256: [SHA256, SHA256, '0'.repeat(64), ''],
  sourceDigest: ['1'.repeat(64)],
  project: ['shop'],
  version: ['1.3'],
  of: ['a/1', 'b/1'],
  step: ['a/1', 'b/1'],
  undoOf: ['a/1'],
  root: ['@root'],
  cwd: ['@root', '/', 'relative', '@root/none'],
  // Whatever comes together, it ends at once and changes nothing.
  argv: ['true', '/bin/false', 'sleep', '0.05', '@python', '-c', 'pass', '/no/such/program', ''],
  programs: ['git', 'no-such-program', ''],
  secret: ['A', 'B'],
  'env.key': ['A', 'B', 'PATH', '', 'A=B'],
  url: ['http://localhost/', 'http://127.0.0.1:9/', 'http://[', 'ftp://x/', ''],
  socket: ['@root/none', '/dev/null', ''],
}
const numbers: Readonly<Record<string, readonly number[]>> = {
  protocol: [1],
  // Long past, and never: that is waited for as long as `delayUs` says.
  atUs: [0, Number.MAX_SAFE_INTEGER],
  delayUs: [0, 1, 20_000],
  timeoutMs: [0, 1, 50],
  attemptMs: [0, 1, 50],
  intervalMs: [0, 1, 50],
  bytes: [SDIST.length, SDIST.length, 0, 10],
  limit: [0, 1, 100, Number.MAX_SAFE_INTEGER],
  request: [1, 2, 3, 4, 5, 6, 7, 8],
}
/** What requests are made of: with these words they meet each other, and harm nobody. */
export const words: Words = {
  text: key => oneOf(texts[key]),
  number: key => oneOf(numbers[key]),
}

function oneOf<Value>(values: readonly Value[] | undefined): fc.Arbitrary<Value> | undefined {
  return values === undefined ? undefined : fc.constantFrom(...values)
}

/** Whether the message table takes it. A key too many is passed over by the table, and refused by the host. */
export function isValid(name: string, body: unknown): boolean {
  const known = requestNames.find(each => each === name)
  return known !== undefined && v.safeParse(requests[known].body, body).success
}
