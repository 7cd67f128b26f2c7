import { spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import * as v from 'valibot'
import { HOST_PYTHON } from '../../support/requirements.ts'
import { makeScratchDirectory } from '../../support/scratch-directory.ts'

/** More than any reader of a host needs, with Python itself; a reader that lets a small input take more fails. */
const MEGABYTES = 256

/** No question takes a second; one that is not answered by then never will be. */
const PATIENCE_MS = 30_000

/** The readers of the remote end, in a Python of their own that stays: `host.py` beside this file. */
export interface Host extends AsyncDisposable {
  /** A directory of ours, for files that the host is to read. */
  readonly folder: string
  /** What is around the root, and where nothing may ever be written. */
  readonly outside: string
  /** Asks, and returns the answer if it is of this shape. A bug on the host, or its death, is thrown. */
  ask<Schema extends v.GenericSchema>(
    question: { readonly ask: string; readonly [key: string]: unknown },
    shape: Schema,
  ): Promise<v.InferOutput<Schema>>
}

/** How the host says no. */
export const Refused = v.object({
  code: v.string(),
  message: v.string(),
  detail: v.record(v.string(), v.unknown()),
})

const Bug = v.object({ bug: v.string() })

/** FUZZ_PYTHON: another version than the one that the hosts of tests have. */
export async function startHost(): Promise<Host> {
  const scratch = await makeScratchDirectory()
  const [folder, hostFolder] = [join(scratch.path, 'files'), join(scratch.path, 'host')]
  for (const path of [folder, hostFolder]) await mkdir(path)
  const program = fileURLToPath(new URL('host.py', import.meta.url))
  const source = fileURLToPath(new URL('../../../src/remote', import.meta.url))
  const python = process.env['FUZZ_PYTHON'] || HOST_PYTHON
  const child = spawn(python, ['-I', '-B', '-X', 'utf8', program, source, hostFolder, String(MEGABYTES)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()))
  child.stdin.on('error', () => undefined)
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    folder,
    outside: hostFolder,
    async ask(question, shape) {
      child.stdin.write(`${JSON.stringify(question)}\n`)
      const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
      const line = await answers.next()
      clearTimeout(timer)
      if (line.done === true) throw new Error(`the host's Python is gone, or did not answer ${question.ask}`)
      const answer: unknown = JSON.parse(line.value)
      const bug = v.safeParse(Bug, answer)
      if (bug.success) throw new Error(`a bug on the host:\n${bug.output.bug}`)
      return v.parse(shape, answer)
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await ended
      await scratch[Symbol.asyncDispose]()
    },
  }
}
