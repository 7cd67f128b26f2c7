import { benchFleet } from '../support/bench-fleet.ts'
import { spent } from '../support/cpu.ts'
import type { Row } from '../support/row.ts'
import { sshLoop } from '../support/ssh-loop.ts'
import { switchLoop, twoRevisions } from './switch.ts'

/** To the previous revision, which nobody names: a loop has to know it. Each round goes forward again before, untimed. */
export const rollbackRow: Row = {
  name: 'rollback',
  title: 'roll 3 hosts back to the previous revision, connection included',
  rounds: 9,
  async prepare() {
    const hosts = await benchFleet(3, { recipes: [] })
    await twoRevisions(hosts)
    const loop = await sshLoop(hosts)
    return {
      subjects: [
        {
          title: 'parallel ssh',
          run: async () => {
            const measured = await spent(() => switchLoop(hosts, loop, 'shop-1.0'))
            await loop.close()
            return measured
          },
        },
        {
          title: 'deploy rollback',
          run: async () => {
            const measured = await spent(() => hosts.deploy(['rollback', 'live']))
            await hosts.deploy(['live', await hosts.sdist('1.1')])
            return measured
          },
        },
      ],
      [Symbol.asyncDispose]: () => hosts[Symbol.asyncDispose](),
    }
  },
}
