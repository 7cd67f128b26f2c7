import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BenchFleet, benchFleet } from '../support/bench-fleet.ts'
import type { Measured, Row } from '../support/row.ts'
import { sshLoop } from '../support/ssh-loop.ts'
import { alternating, twoRevisions } from './switch.ts'

const NS_PER_MS = 1e6

/** Between the first and the last host, by times that they noted themselves: all of one machine, by one clock. */
async function spread(hosts: BenchFleet, timeOn: (root: string) => Promise<bigint>): Promise<Measured> {
  const times = await Promise.all(hosts.names.map(name => timeOn(hosts.rootOf(name))))
  const sorted = times.toSorted((one, other) => Number(one - other))
  return { 'ms apart': Number((sorted.at(-1) ?? 0n) - (sorted[0] ?? 0n)) / NS_PER_MS }
}

/** The last rename, by the host's journal. */
async function firedOn(root: string): Promise<bigint> {
  const lines = (await readFile(join(root, '.stage/journal.jsonl'), 'utf8')).trimEnd().split('\n')
  const fired = lines.map(line => JSON.parse(line)).findLast(({ what }) => what === 'fired')
  return BigInt(fired.firedNs)
}

async function prepare(count: number, delaysMs: readonly number[]) {
  const hosts = await benchFleet(count, { recipes: [] }, delaysMs)
  await twoRevisions(hosts)
  const loop = await sshLoop(hosts)
  const [ours, theirs] = [alternating(), alternating()]
  const baseline = async () => {
    const to = theirs()
    await loop.run(name => {
      const link = `${hosts.rootOf(name)}/by-loop`
      return `ln -sfn ${to} ${link}.new && mv -T ${link}.new ${link} && date +%s%N > ${link}.time`
    })
    await loop.close()
    return spread(hosts, async root => BigInt((await readFile(join(root, 'by-loop.time'), 'utf8')).trim()))
  }
  const deploy = async () => {
    await hosts.deploy(['rollback', 'live', '--to', ours()])
    return spread(hosts, firedOn)
  }
  return {
    subjects: [
      { title: 'parallel ssh', run: baseline },
      { title: 'deploy rollback --to', run: deploy },
    ],
    [Symbol.asyncDispose]: () => hosts[Symbol.asyncDispose](),
  }
}

/** One way each: round trips of 1 to 200 ms. */
const MIXED_MS = [0.5, 2, 5, 10, 20, 40, 60, 80, 90, 100]

export const skewRows: readonly Row[] = [
  {
    name: 'skew',
    title: 'between the first and the last of 30 hosts to switch',
    rounds: 9,
    prepare: () => prepare(30, []),
  },
  {
    name: 'skew-far',
    title: 'the same for 10 hosts at 1 to 200 ms round-trip time',
    rounds: 5,
    prepare: () => prepare(MIXED_MS.length, MIXED_MS),
  },
]
