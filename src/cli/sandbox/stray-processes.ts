import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readPlainText } from '../../artifact/plain-file.ts'

/** A killed process needs no longer than this to be gone, unless its machine is overloaded. */
const ATTEMPTS = 50
const INTERVAL_MS = 100

/**
 * Kills what still runs with a HOME inside `directory`: daemons that a step started on purpose, out of reach of
 * any process group. Every process of a sandbox host has such a HOME, and nothing else on the machine has.
 * Where there is no /proc (macOS), daemons stay.
 *
 * @returns the ids that were still there in the end
 */
export async function killStrayProcesses(directory: string): Promise<readonly number[]> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const strays = await straysOf(directory)
    if (strays.length === 0) return []
    for (const pid of strays) killQuietly(pid)
    await sleep(INTERVAL_MS)
  }
  return await straysOf(directory)
}

/** Arguments and environment of a process have 6 MiB together at most (execve(2)). */
const ENVIRONMENT_BYTES = 6 * 1024 ** 2

async function straysOf(directory: string): Promise<readonly number[]> {
  const entries = await readdir('/proc').catch(() => [])
  const pids = entries.filter(entry => /^\d+$/.test(entry)).map(Number)
  const belongs = await Promise.all(pids.map(pid => hasHomeIn(pid, directory)))
  return pids.filter((_, index) => belongs[index])
}

/** proc(5): the environment a process was started with; unreadable for other users' and empty for dead ones. */
async function hasHomeIn(pid: number, directory: string): Promise<boolean> {
  const environment = await readPlainText(`/proc/${pid}/environ`, ENVIRONMENT_BYTES).catch(() => '')
  return environment.split('\0').some(variable => variable.startsWith(`HOME=${join(directory, '/')}`))
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Gone meanwhile (ESRCH).
  }
}
