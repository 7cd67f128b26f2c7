import { spawn } from 'node:child_process'
import { killedWithUs, tryToKill } from './no-survivors.ts'

/** A program of this machine whose output is wanted as a whole. */
export interface ShortProgram {
  readonly argv: readonly string[]
  readonly cwd: string
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly limitMs: number
  /** Of each of its two outputs; one that prints more is stopped. */
  readonly maxBytes: number
  readonly signal: AbortSignal
  /** It may ask somebody on the terminal; else it has a process group of its own, which is ended with it. */
  readonly asksOnTerminal: boolean
}

export type ProgramEnd =
  | { readonly kind: 'exited'; readonly code: number; readonly stdout: Buffer; readonly stderr: Buffer }
  | { readonly kind: 'signalled'; readonly signal: NodeJS.Signals }
  /** With the system's code, such as ENOENT. */
  | { readonly kind: 'unstarted'; readonly code: string }
  | { readonly kind: 'stopped'; readonly because: 'time' | 'output' | 'signal' }

/**
 * As for a step: after TERM so long before KILL; after KILL, so long to be gone; after its end, so long for its
 * pipes.
 */
const KILL_AFTER_MS = 5_000
const GONE_AFTER_MS = 3_000
const DRAIN_MS = 2_000

/** Runs a program with an empty input to its end, or stops it. Never rejects, and leaves nothing that can be killed. */
export function runToEnd(program: ShortProgram): Promise<ProgramEnd> {
  const { argv, cwd, env = process.env, limitMs, maxBytes, signal, asksOnTerminal } = program
  if (signal.aborted) return Promise.resolve({ kind: 'stopped', because: 'signal' })
  const [command = '', ...args] = argv
  return new Promise(resolve => {
    const group = !asksOnTerminal
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: group })
    killedWithUs(child, { group })
    const timers: NodeJS.Timeout[] = []
    let stopped: ProgramEnd | undefined
    const kill = (name: NodeJS.Signals) => {
      if (child.pid !== undefined) tryToKill(group ? -child.pid : child.pid, name)
    }
    const settle = (end: ProgramEnd) => {
      for (const timer of timers) clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      // What it has left behind in its group is nobody's.
      if (stopped !== undefined) kill('SIGKILL')
      for (const stream of [child.stdout, child.stderr]) stream.destroy()
      child.unref()
      resolve(stopped ?? end)
    }
    const stop = (because: 'time' | 'output' | 'signal') => {
      if (stopped !== undefined) return
      stopped = { kind: 'stopped', because }
      kill('SIGTERM')
      timers.push(setTimeout(kill, KILL_AFTER_MS, 'SIGKILL'))
      timers.push(setTimeout(settle, KILL_AFTER_MS + GONE_AFTER_MS, stopped))
    }
    const onAbort = () => stop('signal')
    signal.addEventListener('abort', onAbort, { once: true })
    timers.push(setTimeout(stop, limitMs, 'time'))
    const output = { stdout: bounded(maxBytes, stop), stderr: bounded(maxBytes, stop) }
    child.stdout.on('data', output.stdout.take)
    child.stderr.on('data', output.stderr.take)
    const ended = (code: number | null, by: NodeJS.Signals | null): ProgramEnd =>
      by === null
        ? { kind: 'exited', code: code ?? 0, stdout: output.stdout.bytes(), stderr: output.stderr.bytes() }
        : { kind: 'signalled', signal: by }
    child.once('error', error => settle({ kind: 'unstarted', code: codeOf(error) }))
    child.once('exit', (code, by) => timers.push(setTimeout(() => settle(ended(code, by)), DRAIN_MS)))
    child.once('close', (code, by) => settle(ended(code, by)))
  })
}

function bounded(maxBytes: number, stop: (because: 'output') => void) {
  const pieces: Buffer[] = []
  let held = 0
  return {
    take: (piece: Buffer): void => {
      held += piece.length
      if (held > maxBytes) stop('output')
      else pieces.push(piece)
    },
    bytes: (): Buffer => Buffer.concat(pieces),
  }
}

const codeOf = (error: Error): string => ('code' in error ? String(error.code) : error.message)
