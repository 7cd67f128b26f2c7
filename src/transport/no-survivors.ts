import type { ChildProcess } from 'node:child_process'

/** What to signal to end each of the programs that run: a process, or (negative) its whole group. */
const running = new Set<number>()

/**
 * From now on `killSurvivors` kills this program, unless it has ended before.
 *
 * @param group it leads a process group of its own, which is killed with it
 */
export function killedWithUs(child: ChildProcess, { group }: { readonly group: boolean }): void {
  const { pid } = child
  if (pid === undefined) return
  const target = group ? -pid : pid
  running.add(target)
  child.once('exit', () => running.delete(target))
}

/** For the end of this process, however that comes about: what it has started does not outlive it. */
export function killSurvivors(): void {
  for (const target of running) tryToKill(target, 'SIGKILL')
}

/** Signals a process, or (negative) a group. That it is gone, or belongs to another user, is no fault. */
export function tryToKill(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal)
  } catch {
    // It has ended by itself, or runs as another user: then nothing can be done about it.
  }
}
