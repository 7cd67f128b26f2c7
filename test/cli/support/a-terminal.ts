import { PassThrough } from 'node:stream'
import type { Surroundings } from '../../../src/cli/surroundings.ts'
import { noon } from '../../support/builders.ts'

/** What a command is started with, and what it wrote. */
export interface ATerminal {
  readonly around: Surroundings
  /** What somebody types. */
  readonly type: (keys: string) => void
  readonly written: () => { readonly stdout: string; readonly stderr: string }
}

/** A place to run commands in: a terminal by default, of 80 columns. */
export function aTerminal(changes: Partial<Surroundings> = {}, isTTY = true): ATerminal {
  const screen = isTTY ? { isTTY, columns: 80, rows: 24 } : {}
  const stdin = Object.assign(new PassThrough(), { isTTY })
  const [stdout, stderr] = [aSink(screen), aSink(screen)]
  const around: Surroundings = {
    argv: [],
    env: {},
    cwd: '/',
    stdin,
    stdout: stdout.stream,
    stderr: stderr.stream,
    pid: 4211,
    beforeSuspend: () => () => undefined,
    user: 'ana',
    hostname: 'laptop',
    now: () => noon,
    ...changes,
  }
  return {
    around,
    type: keys => void stdin.write(keys),
    written: () => ({ stdout: stdout.text(), stderr: stderr.text() }),
  }
}

function aSink<Screen extends object>(screen: Screen) {
  const stream = Object.assign(new PassThrough(), screen)
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  return { stream, text: () => Buffer.concat(chunks).toString() }
}
