import type { TestHost } from '../../support/test-host.ts'

/** A host whose SSH server is down, until the end of the block. */
export async function stopped(host: TestHost): Promise<AsyncDisposable> {
  await host.stop()
  return { [Symbol.asyncDispose]: () => host.start() }
}

/** A change made on a host as root, and the one that takes it back at the end of the block. */
export async function changed(host: TestHost, change: string, undo: string): Promise<AsyncDisposable> {
  await asRoot(host, change)
  return { [Symbol.asyncDispose]: () => asRoot(host, undo) }
}

/** Runs a shell command on the host as root, without SSH. @throws when it fails */
export async function asRoot(host: TestHost, command: string, input = ''): Promise<void> {
  const { code, stderr } = await host.run(['/bin/sh', '-c', command], { as: 'root', input })
  if (code !== 0) throw new Error(`${host.name}: ${command}: ${stderr}`)
}
