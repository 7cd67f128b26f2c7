import { bytesOf, type Product, type Products, productsFault } from '../artifact/product.ts'
import { type Builder, builderOf } from '../model/builder.ts'
import { cancelled, type Outcome, ok } from '../model/outcome.ts'
import type { Action, SharedBuild } from '../model/plan.ts'
import { StageError } from '../model/stage-error.ts'
import { fileWork } from './limits.ts'
import { reasonOf } from './outcome-of.ts'
import { problem } from './problem.ts'
import type { HostRun, Run } from './run.ts'
import { withProgress } from './told-progress.ts'

type Build = Extract<Action, { kind: 'build' }>
type Take = Extract<Action, { kind: 'take' }>
type Reuse = Extract<Action, { kind: 'reuse' }>
type SendFile = Extract<Action, { kind: 'send-file' }>

/** The step under way: how it is called, and what stops it. */
export interface SharedStep {
  readonly step: string
  readonly title: string
  readonly signal: AbortSignal
}

/**
 * Builds on this host what others wait for.
 *
 * @param program runs the step itself; where that does not end well, its outcome is the step's
 */
export async function buildForAll(
  run: Run,
  host: HostRun,
  { shared, hosts }: Build,
  step: SharedStep,
  program: () => Promise<Outcome>,
): Promise<Outcome> {
  const where = { revision: run.plan.revision.name, share: shared.name }
  const { signal } = step
  await host.end.request('begin-products', where, { signal, ...fileWork(run.limits) })
  const outcome = await program()
  if (outcome.kind === 'failed' && hosts.length > 1) tellOtherBuilder(run, host, { shared, hosts }, outcome)
  if (outcome.kind !== 'ok') return outcome
  await collect(run, host, shared, step)
  recordBuilder(host, shared, builderOf(run.plan, host.plan.host))
  return ok
}

/** Receives what another host builds, while it is fetched from there. */
export async function takeFromOther(
  run: Run,
  host: HostRun,
  { shared, from }: Take,
  step: SharedStep,
): Promise<Outcome> {
  run.deps.emit({ type: 'waiting', host: host.plan.host, step: step.step, for: from })
  const products = await host.aside(() => run.shared.offered(shared.id, step.signal))
  // Whoever built it has failed, and says why itself.
  if (products === undefined) return cancelled
  await receive(run, host, shared.name, products, step)
  recordBuilder(host, shared, builderOf(run.plan, from))
  return ok
}

/** Receives what this machine kept of an earlier run: the very file that was looked at when the plan was made. */
export async function reuseKept(
  run: Run,
  host: HostRun,
  { shared, builder }: Reuse,
  step: SharedStep,
): Promise<Outcome> {
  const kept = run.deps.kept.get(shared.id)
  if (kept === undefined) throw new Error(`what was kept was not looked at before the run: ${step.title}`)
  await kept.used()
  await receive(run, host, shared.name, kept, step)
  recordBuilder(host, shared, builder)
  return ok
}

function recordBuilder(host: HostRun, { name }: SharedBuild, { host: by, stage, run, atMs }: Builder): void {
  host.builders.push({ share: name, host: by, stage, run, atMs })
}

/** What one host lacks (a compiler, the headers of a library) another one may have. */
function tellOtherBuilder(
  { deps }: Run,
  { plan }: HostRun,
  { shared, hosts }: Pick<Build, 'shared' | 'hosts'>,
  outcome: Outcome,
): void {
  const message = `what it builds for ${hosts.join(', ')} failed: ${reasonOf(outcome)}`
  const lacks = 'where another host has what it lacks, such as a compiler or headers, let that one build'
  const hint = `${lacks}: ${shared.builderOption} names a host or a label`
  deps.emit({ type: 'problem', problem: problem('build-failed', plan.host, message, hint) })
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
  await receive(run, host, name, sent, step)
  return ok
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
  const waiting = { ...fileWork(run.limits), signal }
  const { products } = await host.end.request('list-products', where, waiting)
  checkProducts(products)
  const arriving = await run.deps.products.begin(shared.id, builderOf(run.plan, host.plan.host), products)
  run.shared.offer(shared.id, arriving)
  try {
    const dataBytes = bytesOf(products)
    const onData = (chunk: Uint8Array) => arriving.write(chunk)
    const what = 'fetching what was built'
    await host.end.request('fetch-products', where, { ...waiting, what, dataBytes, onData })
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
): Promise<void> {
  const list = products.files.map(file => ({ ...file }))
  const body = { revision: run.plan.revision.name, share, products: list }
  const data = withProgress(run, { host: host.plan.host, step, total: bytesOf(list) }, products.read(signal))
  const options = { ...fileWork(run.limits), data, signal, what: 'sending what was built' }
  await host.end.request('receive-products', body, options)
}
