import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { inject } from 'vitest'
import type { Fleet } from '../../support/fleet.ts'

export interface DeployOptions {
  /** On top of an environment with nothing of the tester's but PATH. */
  readonly env?: Readonly<Record<string, string>>
  /** Below the project's directory. */
  readonly cwd?: string
}

/** How a command ended. */
export interface Deployment {
  /** -1: killed by a signal. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** Every line of standard output that is a JSON object with a type: the events of `--json`. */
  readonly events: readonly DeployEvent[]
}

/** An event as it is printed. */
export interface DeployEvent {
  readonly v: number
  readonly type: string
  readonly [key: string]: unknown
}

/** A command under way. */
export interface RunningDeployment {
  readonly pid: number
  readonly ended: Promise<Deployment>
  signal(signal: NodeJS.Signals): void
  /** Settles when it has printed this, on either stream. Rejects when it ends without. */
  printed(text: string | RegExp): Promise<void>
}

/** The command under test, in the background. It reads no file of the tester's own home. */
export function startDeploy(
  directory: string,
  fleet: Pick<Fleet, 'directory'>,
  args: readonly string[],
  { env = {}, cwd = '' }: DeployOptions = {},
): RunningDeployment {
  const home = join(fleet.directory, 'runner-home')
  const child = spawn(process.execPath, [inject('deployCommand'), ...args], {
    cwd: join(directory, cwd),
    env: { PATH: process.env['PATH'], HOME: home, LANG: 'C.UTF-8', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text
    })
  }
  const running = { over: false }
  const ended = once(child, 'close').then(([code]): Deployment => {
    running.over = true
    return { code: typeof code === 'number' ? code : -1, ...output, events: eventsIn(output.stdout) }
  })
  return {
    pid: child.pid ?? 0,
    ended,
    signal: signal => void child.kill(signal),
    printed: async text => {
      const found = () => `${output.stdout}\n${output.stderr}`.match(text) !== null
      while (!found()) {
        if (running.over) throw new Error(`it ended without ${text}:\n${output.stdout}\n${output.stderr}`)
        await sleep(10)
      }
    },
  }
}

/** The runner's home: what the command keeps between two runs, such as its logs. */
export async function makeRunnerHome(fleet: Pick<Fleet, 'directory'>): Promise<string> {
  const home = join(fleet.directory, 'runner-home')
  await mkdir(join(home, '.ssh'), { recursive: true })
  return home
}

function eventsIn(stdout: string): readonly DeployEvent[] {
  return stdout.split('\n').flatMap(line => {
    const value = line.startsWith('{') ? parsed(line) : undefined
    return isEvent(value) ? [value] : []
  })
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    // The first line of an object over several lines: a result, not an event.
    return undefined
  }
}

const isEvent = (value: unknown): value is DeployEvent =>
  typeof value === 'object' &&
  value !== null &&
  'type' in value &&
  typeof value.type === 'string' &&
  'v' in value &&
  typeof value.v === 'number'
