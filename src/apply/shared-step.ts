import { bytesOf, type Product, type Products, productsFault } from '../artifact/product.ts'
import { cancelled, type Outcome, ok } from '../model/outcome.ts'
import type { Action } from '../model/plan.ts'
import { StageError } from '../model/stage-error.ts'
import type { HostRun, Run } from './run.ts'
import { withProgress } from './told-progress.ts'

type Build = Extract<Action, { kind: 'build' }>
type Take = Extract<Action, { kind: 'take' }>
type SendFile = Extract<Action, { kind: 'send-file' }>

/** The step under way: how it is called, and what stops it. */
export interface SharedStep {
  readonly step: string
  readonly title: string
  readonly signal: AbortSignal
}

/**
 * Builds on this host what others wait for, unless an earlier run kept it: then nobody builds, and this host receives it
 * like the others.
 *
 * @param program runs the step itself; where that does not end well, its outcome is the step's
 */
export async function buildForAll(
  run: Run,
  host: HostRun,
  { shared }: Build,
  step: SharedStep,
  program: () => Promise<Outcome>,
): Promise<Outcome> {
  const found = await run.shared.find(shared.id)
  if (found !== undefined) {
    const files = found.files.length === 1 ? '1 file' : `${found.files.length} files`
    const message = `not built again, this machine kept it from an earlier run: ${step.title} (${files})`
    run.deps.emit({ type: 'notice', host: host.plan.host, message })
    return receive(run, host, shared.name, found, step)
  }
  const where = { revision: run.plan.revision.name, share: shared.name }
  const { signal } = step
  await host.end.request('begin-products', where, { signal, limitMs: run.limits.filesMs })
  const outcome = await program()
  if (outcome.kind === 'ok') await collect(run, host, shared, step)
  return outcome
}

/** Receives what another host builds, while it is fetched from there. */
export async function takeFromOther(
  run: Run,
  host: HostRun,
  { shared }: Take,
  step: SharedStep,
): Promise<Outcome> {
  const products = (await run.shared.find(shared.id)) ?? (await run.shared.offered(shared.id, step.signal))
  // Whoever built it has failed, and says why itself.
  return products === undefined ? cancelled : receive(run, host, shared.name, products, step)
}

/** Sends a file of the runner as if another host had made it. */
export async function sendFile(
  run: Run,
  host: HostRun,
  { file, name }: SendFile,
  step: SharedStep,
): Promise<Outcome> {
  const sent = run.deps.files.get(file)
  if (sent === undefined) throw new Error(`a file was not looked at before the run: ${file}`)
  return receive(run, host, name, sent, step)
}

/**
 * Fetches what a step left, once for all hosts. What the host calls its files and says of their sizes is looked at before
 * anything is written, and every byte is held against it.
 */
async function collect(
  run: Run,
  host: HostRun,
  shared: Build['shared'],
  { signal }: SharedStep,
): Promise<void> {
  const where = { revision: run.plan.revision.name, share: shared.name }
  const { filesMs: limitMs } = run.limits
  const { products } = await host.end.request('list-products', where, { signal, limitMs })
  checkProducts(products)
  const arriving = await run.deps.products.begin(shared.id, products)
  run.shared.offer(shared.id, arriving)
  try {
    const dataBytes = bytesOf(products)
    const onData = (chunk: Uint8Array) => arriving.write(chunk)
    const what = 'fetching what was built'
    await host.end.request('fetch-products', where, { signal, limitMs, what, dataBytes, onData })
    await arriving.finish()
  } catch (error) {
    await arriving.fail()
    throw error
  }
}

function checkProducts(products: readonly Product[]): void {
  const fault = productsFault(products)
  if (fault === undefined) return
  const hint = 'a step that is shared may leave plain files with plain names, and nothing else'
  throw new StageError('remote-end', `what was built cannot be given to other hosts: ${fault}`, { hint })
}

async function receive(
  run: Run,
  host: HostRun,
  share: string,
  products: Products,
  { step, signal }: SharedStep,
): Promise<Outcome> {
  const list = products.files.map(file => ({ ...file }))
  const body = { revision: run.plan.revision.name, share, products: list }
  const data = withProgress(run, { host: host.plan.host, step, total: bytesOf(list) }, products.read(signal))
  const options = { data, signal, limitMs: run.limits.filesMs, what: 'sending what was built' }
  await host.end.request('receive-products', body, options)
  return ok
}
