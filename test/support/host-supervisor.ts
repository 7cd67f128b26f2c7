import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { HostProcess } from './test-host.ts'

/** Which processes of a host a signal goes to: its SSH server with all sessions, the sessions only, or everything. */
export type SignalScope = 'server' | 'sessions' | 'all'

/** The program that runs one host's SSH server; host-supervisor.py says what it does. */
export interface HostSupervisor {
  /** Of the process that was spawned: with namespaces, the parent of the host's init. */
  readonly pid: number
  start(argv: readonly string[]): Promise<void>
  stop(): Promise<void>
  signal(name: 'STOP' | 'CONT' | 'KILL', to: SignalScope): Promise<void>
  /** Whether the server's listener is there. */
  isRunning(): Promise<boolean>
  list(): Promise<readonly HostProcess[]>
  /** Kills everything that came out of it; settles when it is gone. */
  close(): Promise<void>
}

/** The Python program behind it. */
export const SUPERVISOR_PROGRAM = fileURLToPath(new URL('host-supervisor.py', import.meta.url))

type SupervisorProcess = ChildProcessByStdio<Writable, Readable, Readable>

/** Starts the supervisor by `argv` and waits until it is ready. It dies with this process: its input ends. */
export async function startSupervisor(argv: readonly string[]): Promise<HostSupervisor> {
  const [command = '', ...rest] = argv
  // Its own session, so that a Ctrl-C in the terminal reaches the tests alone.
  const child = spawn(command, rest, { detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
  const gone = once(child, 'close')
  const ask = conversation(child)
  await ask(undefined)
  return {
    pid: child.pid ?? 0,
    start: async argv => void (await ask({ do: 'start', argv })),
    stop: async () => void (await ask({ do: 'stop' })),
    signal: async (name, to) => void (await ask({ do: 'signal', name, to })),
    isRunning: async () => (await ask({ do: 'running' })) === true,
    list: async () => parseProcesses(await ask({ do: 'list' })),
    close: async () => {
      child.stdin.end()
      await gone
    },
  }
}

interface Waiting {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

/** One answer for each request, in order; the first line of all answers to no request. */
function conversation(child: SupervisorProcess): (request: object | undefined) => Promise<unknown> {
  const waiting: Waiting[] = []
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString()
  })
  child.stdin.on('error', () => undefined)
  child.on('close', code => {
    for (const one of waiting.splice(0)) {
      one.reject(new Error(`the supervisor of a test host ended with ${code}: ${complaints.trim()}`))
    }
  })
  createInterface({ input: child.stdout }).on('line', line => {
    const answer: unknown = JSON.parse(line)
    const one = waiting.shift()
    if (hasField(answer, 'error')) one?.reject(new Error(String(answer.error)))
    else one?.resolve(hasField(answer, 'result') ? answer.result : undefined)
  })
  return request =>
    new Promise((resolve, reject) => {
      if (child.exitCode !== null)
        reject(new Error(`the supervisor of a test host is gone: ${complaints.trim()}`))
      waiting.push({ resolve, reject })
      if (request !== undefined) child.stdin.write(`${JSON.stringify(request)}\n`)
    })
}

function parseProcesses(result: unknown): readonly HostProcess[] {
  if (!Array.isArray(result)) throw new Error(`not a list of processes: ${JSON.stringify(result)}`)
  return result.map((entry: unknown) => {
    if (hasField(entry, 'pid') && hasField(entry, 'command') && hasField(entry, 'server')) {
      return { pid: Number(entry.pid), command: String(entry.command), server: entry.server === true }
    }
    throw new Error(`not a process: ${JSON.stringify(entry)}`)
  })
}

function hasField<Name extends string>(
  value: unknown,
  name: Name,
): value is { readonly [key in Name]: unknown } {
  return typeof value === 'object' && value !== null && name in value
}
