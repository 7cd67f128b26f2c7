import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import type { ServerChannel } from 'ssh2'

/** One command that somebody runs on a sandbox host. */
export interface Job {
  /** Settles when the program has ended and everything it printed was handed over, or its client is gone. */
  readonly ended: Promise<void>
  /** The program sees the end of its input, as when the client leaves. */
  endInput(): void
  /** Kills the program's whole process group. */
  kill(): void
}

/** What a shell says of a command that it cannot start (POSIX 2.8.2). */
const CANNOT_START = 127

/** The signals that SSH has a name for (RFC 4254, 6.10). */
const SSH_SIGNALS = 'ABRT ALRM FPE HUP ILL INT KILL PIPE QUIT SEGV TERM USR1 USR2'.split(' ')

/**
 * Runs a command for a channel as sshd does: by a shell, in its own process group, and not killed when the client
 * leaves. It only sees the end of its input and broken pipes then, and has the time to put things right.
 */
export function startJob(
  command: string,
  channel: ServerChannel,
  place: { readonly home: string; readonly environment: Readonly<Record<string, string>> },
): Job & { readonly signal: (name: string) => void } {
  const child = spawn('/bin/sh', ['-c', command], { cwd: place.home, env: place.environment, detached: true })
  const left = new Promise<void>(resolve => channel.once('close', resolve))
  const ended = new Promise<number | NodeJS.Signals>(resolve => {
    child.once('error', () => resolve(CANNOT_START))
    // Not 'exit': what the program printed last may still be on its way.
    child.once('close', (code, signal) => resolve(signal ?? code ?? CANNOT_START))
  })
  const relayed = Promise.all([relay(child.stdout, channel), relay(child.stderr, channel.stderr)])
  takeInput(channel, child)
  void left.then(() => leave(child))
  const finish = async () => {
    const end = await ended
    await Promise.race([relayed, left])
    sayEnd(channel, end)
  }
  return {
    ended: finish(),
    endInput: () => child.stdin.end(),
    kill: () => signalGroup(child, 'SIGKILL'),
    signal: name => {
      const bare = name.replace(/^SIG/, '')
      if (SSH_SIGNALS.includes(bare)) signalGroup(child, `SIG${bare}`)
    },
  }
}

function takeInput(channel: ServerChannel, child: ChildProcessWithoutNullStreams): void {
  // A program may end without reading all of its input.
  child.stdin.on('error', () => channel.resume())
  channel.pipe(child.stdin)
}

/** What sshd does when the client is gone: it closes its ends and lets the program find out. */
function leave(child: ChildProcessWithoutNullStreams): void {
  child.stdin.end()
  child.stdout.destroy()
  child.stderr.destroy()
}

/** Settles when everything that came was taken over by the channel. */
function relay(from: Readable, to: Writable): Promise<void> {
  from.pipe(to, { end: false })
  // An empty write is called back after all writes before it. Of a channel that was closed ssh2 calls nothing back.
  return new Promise(resolve => from.once('close', () => to.write(Buffer.alloc(0), () => resolve())))
}

function sayEnd(channel: ServerChannel, end: number | NodeJS.Signals): void {
  if (typeof end === 'number') channel.exit(end)
  else if (SSH_SIGNALS.includes(end.slice('SIG'.length))) channel.exit(end)
  else channel.exit(128 + constants.signals[end])
  channel.end()
}

function signalGroup(child: ChildProcessWithoutNullStreams, signal: string): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // It is over already (ESRCH).
  }
}
