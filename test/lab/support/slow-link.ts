import { programPath } from '../../support/requirements.ts'
import { mustRun } from '../../support/run-program.ts'
import type { TestHost } from '../../support/test-host.ts'

/** What goes to a host takes its time until the end of the block, by tc-tbf(8). Namespaces only. */
export async function slowed(host: TestHost, rate: string): Promise<AsyncDisposable> {
  const route = await mustRun([programPath('ip'), '-o', 'route', 'get', host.address])
  const device = /\bdev (\S+)/.exec(route)?.[1]
  if (device === undefined) throw new Error(`${host.name}: no way to ${host.address}: ${route}`)
  const tc = async (...words: readonly string[]) =>
    await mustRun([programPath('tc'), 'qdisc', words[0] ?? '', 'dev', device, 'root', ...words.slice(1)])
  await tc('add', 'tbf', 'rate', rate, 'burst', '16kb', 'latency', '500ms')
  return { [Symbol.asyncDispose]: async () => void (await tc('del')) }
}
