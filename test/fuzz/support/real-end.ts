import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { remoteProgram, startCommand } from '../../../src/remote/bundle.ts'
import { type Frame, FrameDecoder, MAX_FRAME_FROM_HOST } from '../../../src/remote/frames.ts'
import { within } from '../../../src/remote/within.ts'
import { HOST_PYTHON } from '../../support/requirements.ts'

const NONCE = '0123456789abcdef0123456789abcdef'
const GREETING = `stage-deploy ${NONCE} listening\nstage-deploy ${NONCE} ready\n`

/** Address space in KiB, threads included (ulimit -v): whoever is told of 4 GiB must not ask for them. */
const MEMORY_KIB = 1024 * 1024

/** For Python to begin, on a machine that has other things to do. */
const START_MS = 20_000

/** A remote end that has come to its end, or should have. */
export interface RemoteEndsEnd {
  /** Undefined: it has not ended in time, and was killed. */
  readonly code: number | undefined
  readonly errors: string
}

/** The real remote end as a process of this machine, spoken to in bytes of any kind. */
export interface RealEnd {
  /** What it has sent, in order. */
  readonly frames: readonly Frame[]
  write(bytes: Uint8Array): void
  /** Resolves when it has sent a frame that fits, when it is over, or after so long. */
  until(fits: (frame: Frame) => boolean, limitMs: number): Promise<void>
  /** Closes its input, or sends a signal; then waits for its end. */
  end(how: 'eof' | 'signal', limitMs: number): Promise<RemoteEndsEnd>
  /** Waits for an end that it must come to by itself. */
  ended(limitMs: number): Promise<RemoteEndsEnd>
}

/** @param home a directory of this remote end alone; its programs are found by it */
export async function startRealEnd(home: string): Promise<RealEnd> {
  const program = await remoteProgram()
  const python = process.env['FUZZ_PYTHON'] || HOST_PYTHON
  const command = startCommand({ python, program, nonce: NONCE })
  const child = spawn('/bin/sh', ['-c', `ulimit -v ${MEMORY_KIB}; ulimit -s 1024; ${command}`], {
    env: { PATH: process.env['PATH'], HOME: home },
  })
  const frames: Frame[] = []
  const decoder = new FrameDecoder(MAX_FRAME_FROM_HOST)
  let greeting = Buffer.alloc(0)
  let listener: () => void = () => undefined
  let errors = ''
  child.stdin.on('error', () => undefined)
  child.stderr.on('data', (piece: Buffer) => {
    errors += piece.toString()
  })
  child.stdout.on('data', (piece: Buffer) => {
    if (greeting.length < GREETING.length) {
      greeting = Buffer.concat([greeting, piece])
      frames.push(...decoder.push(greeting.subarray(GREETING.length)))
    } else frames.push(...decoder.push(piece))
    listener()
  })
  const exit = new Promise<number>(resolve => child.once('close', code => resolve(code ?? -1)))
  const until = async (isSo: () => boolean, limitMs: number) => {
    const found = new Promise<void>(resolve => {
      listener = () => {
        if (isSo()) resolve()
      }
      listener()
    })
    await within(limitMs, Promise.race([found, exit]))
  }
  child.stdin.write(program.bytes)
  await until(() => greeting.length >= GREETING.length, START_MS)
  const ended = async (limitMs: number) => {
    const code = await within(limitMs, exit)
    if (code === undefined) child.kill('SIGKILL')
    return { code, errors }
  }
  return {
    frames,
    write: bytes => {
      if (child.stdin.writable) child.stdin.write(bytes)
    },
    until: (fits, limitMs) => until(() => frames.some(fits), limitMs),
    async end(how, limitMs) {
      if (how === 'signal') child.kill('SIGTERM')
      child.stdin.end()
      return ended(limitMs)
    },
    ended,
  }
}

/** Processes that were started with this home: programs of a remote end that is over. Zombies do not count. */
export async function leftBehind(home: string): Promise<readonly string[]> {
  const found = processesOf(home)
  if (found.length === 0) return found
  // A process that was killed may not have been collected yet.
  await sleep(200)
  return processesOf(home)
}

function processesOf(home: string): readonly string[] {
  const numbers = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  return numbers.filter(number => {
    try {
      return readFileSync(`/proc/${number}/environ`, 'latin1').split('\0').includes(`HOME=${home}`)
    } catch {
      // It has just gone, or it is somebody else's.
      return false
    }
  })
}
