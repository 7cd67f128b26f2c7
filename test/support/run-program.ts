import { spawn } from 'node:child_process'

export interface ProgramResult {
  /** 128 + the signal's number is not used: a program killed by a signal has code -1. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface ProgramOptions {
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** Runs a program to its end and collects what it printed. Rejects only when it cannot be started. */
export function runProgram(argv: readonly string[], options: ProgramOptions = {}): Promise<ProgramResult> {
  const [command = '', ...rest] = argv
  return new Promise((resolve, reject) => {
    const child = spawn(command, rest, { env: options.env ?? process.env, cwd: options.cwd })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.on('error', reject)
    // A program that ends without reading its input is no fault of the caller.
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
    child.on('close', code =>
      resolve({
        code: code ?? -1,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      }),
    )
  })
}

/** The same for a program that has to succeed. @returns its standard output, trimmed */
export async function mustRun(argv: readonly string[], options: ProgramOptions = {}): Promise<string> {
  const result = await runProgram(argv, options)
  if (result.code !== 0) {
    throw new Error(`${argv.join(' ')} ended with ${result.code}: ${result.stderr.trim()}`)
  }
  return result.stdout.trim()
}
