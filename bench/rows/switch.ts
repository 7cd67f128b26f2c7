import { type BenchFleet, benchFleet } from '../support/bench-fleet.ts'
import { spent } from '../support/cpu.ts'
import type { Row } from '../support/row.ts'
import { type SshLoop, sshLoop } from '../support/ssh-loop.ts'

const REVISIONS = ['shop-1.0', 'shop-1.1'] as const

/** Two revisions that stand on every host; the second is live. */
export async function twoRevisions(hosts: BenchFleet): Promise<void> {
  for (const version of ['1.0', '1.1']) await hosts.deploy(['live', await hosts.sdist(version)])
}

/** The other one of the two, each time. */
export function alternating(): () => string {
  let turn = 0
  return () => REVISIONS[turn++ % 2] ?? REVISIONS[0]
}

/** A new link beside the old one, renamed over it, and read back. */
export const switchLoop = (hosts: BenchFleet, loop: SshLoop, to: string): Promise<void> =>
  loop.run(name => {
    const link = `${hosts.rootOf(name)}/by-loop`
    return `ln -sfn ${to} ${link}.new && mv -T ${link}.new ${link} && test "$(readlink ${link})" = ${to}`
  })

/** @param delaysMs under way to each host, in one direction */
async function prepare(count: number, delaysMs: readonly number[] = []) {
  const hosts = await benchFleet(count, { recipes: [] }, delaysMs)
  await twoRevisions(hosts)
  const loop = await sshLoop(hosts)
  const [ours, theirs] = [alternating(), alternating()]
  const baseline = async () => {
    const measured = await spent(() => switchLoop(hosts, loop, theirs()))
    await loop.close()
    return measured
  }
  return {
    subjects: [
      { title: 'parallel ssh', run: baseline },
      {
        title: 'deploy rollback --to',
        run: () => spent(() => hosts.deploy(['rollback', 'live', '--to', ours()])),
      },
    ],
    [Symbol.asyncDispose]: () => hosts[Symbol.asyncDispose](),
  }
}

const row = (count: number): Row => ({
  name: `switch-${count}`,
  title: `switch ${count} hosts to a revision that stands, connection included`,
  rounds: 9,
  prepare: () => prepare(count),
})

export const switchRows: readonly Row[] = [
  row(3),
  row(30),
  {
    name: 'far',
    title: 'the same for 3 hosts at 100 ms round-trip time',
    rounds: 5,
    prepare: () => prepare(3, [50, 50, 50]),
  },
]
