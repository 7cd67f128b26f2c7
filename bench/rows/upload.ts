import { randomBytes } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { removeTree } from '../../src/cli/sandbox/remove-tree.ts'
import { type BenchFleet, benchFleet } from '../support/bench-fleet.ts'
import { cpuBetween, cpuNow, spent } from '../support/cpu.ts'
import type { Measured, Row } from '../support/row.ts'
import { sshLoop } from '../support/ssh-loop.ts'

const MiB = 1024 * 1024
/** In each root. */
const BY_SCP = 'by-scp'
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
    const byScp = async () => {
      await clear(hosts)
      await loop.open()
      return spent(() => loop.copy(sdist, name => join(hosts.rootOf(name), BY_SCP)))
    }
    const byDeploy = async () => {
      const path = await next()
      await clear(hosts)
      return phaseUpload(hosts, path)
    }
    return {
      subjects: [
        { title: 'parallel scp', run: byScp },
        { title: 'deploy: the phase upload', run: byDeploy },
      ],
      [Symbol.asyncDispose]: () => hosts[Symbol.asyncDispose](),
    }
  },
}

/**
 * Takes away what was sent before: both write new files, into memory and onto blocks that were used just now. Memory that a
 * virtual machine has never used would cost whoever is given it several times the copying.
 */
async function clear(hosts: BenchFleet): Promise<void> {
  for (const root of hosts.names.map(hosts.rootOf)) {
    const revisions = (await readdir(root)).filter(name => name.startsWith('shop-'))
    for (const revision of revisions) await removeTree(join(root, revision))
    for (const sent of [BY_SCP, '.stage/sdists']) await rm(join(root, sent), { recursive: true, force: true })
  }
}

/** How long the phase took, by the runner's own clock, and what all processes spent while it lasted. */
async function phaseUpload(hosts: BenchFleet, sdist: string): Promise<Measured> {
  let before = cpuNow()
  let measured: Measured = {}
  const { peak } = await hosts.deploy(['prepare', 'live', sdist, '--json'], ({ type, phase, durationMs }) => {
    if (phase !== 'upload') return
    if (type === 'phase-started') before = cpuNow()
    if (type === 'phase-finished')
      measured = { ms: Number(durationMs), 'CPU s': cpuBetween(before, cpuNow()) }
  })
  return { ...measured, MiB: peak['MiB'] ?? 0 }
}
