import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, realpath } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mustRun } from './run-program.ts'

const PREFIX = 'stage-fleet-'

/**
 * Removes a directory once its owner is gone: the owner holds the other end of standard input.
 * Sealed revisions are read-only, and a host that is dying may still write, so it is tried for 10 s.
 */
const SWEEPER = `
cat > /dev/null
tries=0
while [ -e "$1" ] && [ $tries -lt 100 ]; do
  chmod -R u+rwX "$1" 2> /dev/null
  rm -rf "$1" 2> /dev/null
  [ -e "$1" ] && sleep 0.1
  tries=$((tries + 1))
done
[ ! -e "$1" ]
`

export interface ScratchDirectory extends AsyncDisposable {
  readonly path: string
}

/** Makes a directory that disappears when it is disposed of, and also when this process is killed. */
export async function makeScratchDirectory(): Promise<ScratchDirectory> {
  await sweepLeftovers()
  const path = await mkdtemp(join(await realpath(tmpdir()), `${PREFIX}${process.pid}-`))
  // Its own session: a Ctrl-C in the terminal must not end the one that cleans up after it.
  const sweeper = spawn('/bin/sh', ['-c', SWEEPER, 'sh', path], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const ended = once(sweeper, 'close')
  return {
    path,
    async [Symbol.asyncDispose]() {
      sweeper.stdin.end()
      const [code] = await ended
      if (code !== 0) throw new Error(`${path} cannot be removed: something still writes to it`)
    },
  }
}

/** Removes what earlier processes left, should even their sweeper have been killed (a machine that was shut down). */
async function sweepLeftovers(): Promise<void> {
  const directory = await realpath(tmpdir())
  for (const name of await readdir(directory)) {
    const owner = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1]
    if (owner === undefined || isAlive(Number(owner))) continue
    await mustRun([
      '/bin/sh',
      '-c',
      'chmod -R u+rwX "$1" 2> /dev/null; rm -rf "$1"',
      'sh',
      join(directory, name),
    ])
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
