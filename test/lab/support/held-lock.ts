import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Project } from '../../e2e/support/project.ts'
import type { TestHost } from '../../support/test-host.ts'

/** Who the lock's text names. */
export const HOLDER = {
  run: '00000000-by-hand',
  by: 'alice',
  from: 'laptop',
  pid: 4711,
  command: 'deploy staging',
  sinceMs: Date.UTC(2026, 0, 2, 3, 4, 5),
}

const PROGRAM = `
import fcntl, os, sys, time
lock, text, ready, enough = sys.argv[1:]
descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
os.pwrite(descriptor, text.encode(), 0)
os.ftruncate(descriptor, len(text))
open(ready, 'w').close()
while not os.path.exists(enough):
    time.sleep(0.02)
`

/** Holds a lock of the root with flock(2) on one host, as another run's remote end does, until the end of the block. */
export async function heldLock(host: TestHost, project: Project, name: string): Promise<AsyncDisposable> {
  const root = project.rootOn(host.name)
  const [lock, ready, enough] = [`.stage/locks/${name}`, 'lock-ready', 'lock-enough']
  const files = [`${root}/${lock}`, JSON.stringify(HOLDER), `${root}/${ready}`, `${root}/${enough}`]
  const ended = host.run(['/usr/bin/python3', '-I', '-S', '-c', PROGRAM, ...files])
  const isReady = readUntilThere(join(project.rootOf(host.name), ready))
  const failed = ended.then(({ stderr }) => Promise.reject(new Error(`${host.name}: ${stderr}`)))
  await Promise.race([isReady, failed])
  return {
    [Symbol.asyncDispose]: async () => {
      await writeFile(join(project.rootOf(host.name), enough), '')
      await failed.catch(() => undefined)
      await host.run(['rm', `${root}/${ready}`, `${root}/${enough}`])
    },
  }
}

async function readUntilThere(path: string): Promise<void> {
  while ((await readFile(path).catch(() => undefined)) === undefined)
    await new Promise(resolve => setTimeout(resolve, 20))
}
