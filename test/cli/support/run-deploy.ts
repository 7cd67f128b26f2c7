import { fileURLToPath } from 'node:url'
import { type ProgramResult, runProgram } from '../../support/run-program.ts'

const main = fileURLToPath(new URL('run-main.mjs', import.meta.url))

/** Runs `deploy` from its sources in a process of its own, without a terminal. */
export function runDeploy(
  args: readonly string[],
  options: {
    readonly cwd?: string
    readonly env?: Readonly<Record<string, string>>
    readonly input?: string
  } = {},
): Promise<ProgramResult> {
  const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env
  return runProgram([process.execPath, main, ...args], {
    cwd: options.cwd ?? '/',
    env: { PATH, HOME, TMPDIR, ...options.env },
    ...(options.input === undefined ? {} : { input: options.input }),
  })
}
