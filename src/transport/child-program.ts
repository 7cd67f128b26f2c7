import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import type { ChannelEnd } from './channel.ts'

export type Child = ChildProcessByStdio<Writable, Readable, Readable>

/**
 * Starts a local program with three pipes, in a session of its own: a Ctrl-C in the terminal is for the runner alone,
 * and nothing can ask a question there.
 *
 * @throws the system's own error when it cannot be started
 */
export async function startChild(
  command: string,
  argv: readonly string[],
  options: { readonly env: NodeJS.ProcessEnv; readonly cwd?: string },
): Promise<Child> {
  const child = spawn(command, argv, { ...options, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('spawn', () => {
      child.removeListener('error', reject)
      // Later it can only say that a signal could not be sent: the end of the program says what counts.
      child.on('error', () => undefined)
      resolve()
    })
  })
  return child
}

/** How a local program ended; settles when its outputs have ended as well. */
export function childEnd(child: Child): Promise<ChannelEnd> {
  return new Promise(resolve => {
    child.on('close', (code, signal) => {
      if (signal !== null) resolve({ kind: 'signalled', signal })
      else resolve({ kind: 'exited', code: code ?? 0 })
    })
  })
}

/** Kills a program and everything that it started in its session's first process group. */
export function killGroup(child: Child): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}
