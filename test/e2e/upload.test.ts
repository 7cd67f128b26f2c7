import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { proxiedHost } from '../support/proxied-host.ts'
import type { DeployEvent, RunningDeployment } from './support/deploy.ts'
import { fleetOf } from './support/fleet-of.ts'
import { makeProject, type Project } from './support/project.ts'
import { release } from './support/releases.ts'

const MiB = 1024 * 1024
const fleet = await fleetOf(['web1', 'web2', 'web3'])

/** The largest part of memory that the process ever had in use, in bytes (proc(5), VmHWM). */
async function peakOf({ pid, ended }: RunningDeployment): Promise<number> {
  const state = { over: false, peak: 0 }
  const watched = ended.then(() => {
    state.over = true
  })
  while (!state.over) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    state.peak = Math.max(state.peak, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024)
    await Promise.race([watched, sleep(50)])
  }
  return state.peak
}

/** An sdist that does not get smaller by compressing it. */
const sdistOf = (project: Project, version: string, bytes: number) =>
  release(project, version, { files: { 'data.txt': randomBytes((bytes * 3) / 4).toString('base64') } })

const sentAt = (events: readonly DeployEvent[], host: string) =>
  events.findIndex(({ type, host: at, done, total }) => type === 'progress' && at === host && done === total)

test('of 100 MiB to three hosts, one of them slow: memory does not grow with it, and no host waits for the slow one', async () => {
  const { proxy, reached } = await proxiedHost(fleet, 'web3', { bytesPerSecond: 20 * MiB })
  await using _proxy = proxy
  const project = await makeProject(fleet)
  await project.configure({ hosts: { web3: { ...reached, root: project.rootOn('web3') } } })
  const peaks: number[] = []
  for (const [version, size] of [
    ['1.0', 1],
    ['1.1', 100],
  ] as const) {
    const sdist = await sdistOf(project, version, size * MiB)
    const run = project.start(['staging', sdist, '--json'])
    peaks.push(await peakOf(run))
    const { code, events } = await run.ended
    expect(code).toBe(0)
    // The last piece reaches the slow host when the others have had theirs.
    const order = fleet.hosts.map(({ name }) => ({ name, at: sentAt(events, name) }))
    expect(order.every(({ at }) => at !== -1)).toBe(true)
    if (size === 100) expect(order.toSorted((one, other) => one.at - other.at).at(-1)?.name).toBe('web3')
  }
  const [small = 0, large = Number.POSITIVE_INFINITY] = peaks
  // Less than the file itself, and it went to three hosts: Node.js collects late what is on its way out.
  expect((large - small) / MiB).toBeLessThan(80)
})
