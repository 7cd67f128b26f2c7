import { randomBytes } from 'node:crypto'
import { benchFleet } from '../support/bench-fleet.ts'
import { type Row, timed } from '../support/row.ts'
import { sshLoop } from '../support/ssh-loop.ts'

const MiB = 1024 * 1024
/** base64 spells three bytes with four, and gzip takes that back. */
const content = () => randomBytes(100 * MiB).toString('base64')

/** Of a deploy, the phase that sends alone; `scp` over connections that stand already. */
export const uploadRow: Row = {
  name: 'upload',
  title: 'send 100 MiB to 3 hosts, connections open',
  rounds: 3,
  async prepare() {
    const hosts = await benchFleet(3, { recipes: [] })
    const loop = await sshLoop(hosts)
    const files = { 'data.txt': content() }
    let minor = 0
    const next = () => hosts.sdist(`1.${minor++}`, { files })
    const sdist = await next()
    return {
      subjects: [
        {
          title: 'parallel scp',
          run: async () => {
            await loop.open()
            return timed(() => loop.copy(sdist, name => `${hosts.rootOf(name)}/by-scp`))
          },
        },
        {
          title: 'deploy: the phase upload',
          run: async () => {
            const { events, peak } = await hosts.deploy(['prepare', 'live', await next(), '--json'])
            const sent = events.find(({ type, phase }) => type === 'phase-finished' && phase === 'upload')
            return { ms: Number(sent?.['durationMs']), MiB: peak['MiB'] ?? 0 }
          },
        },
      ],
      [Symbol.asyncDispose]: () => hosts[Symbol.asyncDispose](),
    }
  },
}
