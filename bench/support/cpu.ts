import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Measured, timed } from './row.ts'

/** Of proc(5), in this system's ticks: sysconf(_SC_CLK_TCK) is 100 on every Linux. */
const TICKS_PER_S = 100
/** For servers to end whose clients have ended: what they spend on it belongs to the work. */
const SETTLE_MS = 300

interface Process {
  readonly parent: number
  /** CPU of its own, and of those that it has waited for, in ticks. */
  readonly own: number
  readonly waited: number
}

/** By process id, everything that this process has started and that has not ended. */
export type CpuSnapshot = ReadonlyMap<number, Process>

/** By which the connections of `ssh-loop.ts` are known: the ssh that keeps one has left its family. */
export const MUX_PREFIX = `mux-${process.pid}-`

/** Runs `work` and tells how long it took and what all processes together spent on it: less than time, this depends on what else the machine does. */
export async function spent(work: () => Promise<unknown>): Promise<Measured> {
  const before = cpuNow()
  const measured = await timed(work)
  await sleep(SETTLE_MS)
  return { ...measured, 'CPU s': cpuBetween(before, cpuNow()) }
}

export function cpuNow(): CpuSnapshot {
  const all = new Map<number, Process>()
  for (const name of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    const found = processOf(Number(name))
    if (found !== undefined) all.set(Number(name), found)
  }
  const isOurs = (pid: number): boolean => {
    const parent = all.get(pid)?.parent
    return parent !== undefined && (parent === process.pid || isOurs(parent))
  }
  return new Map([...all].filter(([pid]) => pid === process.pid || isOurs(pid) || keepsConnection(pid)))
}

/** Seconds, user and system. What this process itself spent does not count, it measures. */
export function cpuBetween(before: CpuSnapshot, after: CpuSnapshot): number {
  const ticks = [...after].map(([pid, { own, waited }]) => {
    const then = before.get(pid)
    const ownSince = pid === process.pid ? 0 : own - (then?.own ?? 0)
    return ownSince + waited - (then?.waited ?? 0)
  })
  return ticks.reduce((sum, one) => sum + one, 0) / TICKS_PER_S
}

function processOf(pid: number): Process | undefined {
  const stat = read(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const sum = (first: number) => Number(fields[first]) + Number(fields[first + 1])
  return { parent: Number(fields[1]), own: sum(11), waited: sum(13) }
}

function keepsConnection(pid: number): boolean {
  return read(`/proc/${pid}/cmdline`)?.includes(`/${MUX_PREFIX}`) ?? false
}

/** Undefined of a process that has ended. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
