import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'
import type { Fleet } from '../../support/fleet.ts'
import { HOST_PYTHON } from '../../support/requirements.ts'
import { runProgram } from '../../support/run-program.ts'
import type { Project } from './project.ts'

const helper = fileURLToPath(new URL('on-terminal.py', import.meta.url))

/** Runs the command on a terminal, where somebody types `answer` when `prompt` is shown. */
export async function onTerminal(
  fleet: Pick<Fleet, 'directory'>,
  project: Project,
  args: readonly string[],
  { prompt, answer }: { readonly prompt: string; readonly answer: string },
): Promise<{ readonly code: number | null; readonly shown: string }> {
  const argv = [HOST_PYTHON, helper, prompt, answer, process.execPath, inject('deployCommand'), ...args]
  const { PATH = '' } = process.env
  const env = { PATH, HOME: join(fleet.directory, 'runner-home'), LANG: 'C.UTF-8', TERM: 'dumb' }
  const { code, stdout } = await runProgram(argv, { cwd: project.directory, env })
  return { code, shown: stdout.replaceAll('\r\n', '\n') }
}
