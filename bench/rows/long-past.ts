import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { mustRun } from '../../test/support/run-program.ts'
import { type BenchFleet, benchFleet } from '../support/bench-fleet.ts'
import { type Row, timed } from '../support/row.ts'
import { twoRevisions } from './switch.ts'

const DEPLOYS = 100_000

const pastProgram = fileURLToPath(new URL('../../test/lab/support/long-past.py', import.meta.url))

/** One host, live on the second of two revisions. */
async function oneHost(): Promise<BenchFleet> {
  const hosts = await benchFleet(1, { recipes: [] })
  await twoRevisions(hosts)
  return hosts
}

/** What the journal of a root has seen, and what `status` of it costs after the next deploy: that one writes the checkpoint. */
export const longPastRow: Row = {
  name: 'long-past',
  title: `status of one host after ${DEPLOYS} deploys, connection included`,
  rounds: 9,
  async prepare() {
    const [fresh, old] = [await oneHost(), await oneHost()]
    const program = await readFile(pastProgram, 'utf8')
    await mustRun(['python3', '-c', program, old.rootOf('web1'), 'live', `${DEPLOYS}`, '0'])
    await old.deploy(['live', await old.sdist('1.2')])
    const status = (hosts: BenchFleet) => () => timed(() => hosts.deploy(['status', '--json']))
    return {
      subjects: [
        { title: 'after 2 deploys', run: status(fresh) },
        { title: `after ${DEPLOYS} deploys`, run: status(old) },
      ],
      async [Symbol.asyncDispose]() {
        await old[Symbol.asyncDispose]()
        await fresh[Symbol.asyncDispose]()
      },
    }
  },
}
