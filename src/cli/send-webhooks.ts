import { setTimeout as sleep } from 'node:timers/promises'
import type { SecretValues } from '../config/secret-values.ts'
import type { Emit } from '../model/event.ts'
import type { Plan, PlannedWebhook } from '../model/plan.ts'
import { StageError } from '../model/stage-error.ts'
import { isWebhookUrl } from '../recipe/webhook-options.ts'

/** A webhook whose URL is known. */
export interface Addressed {
  readonly webhook: PlannedWebhook
  readonly url: string
}

/** A program that has the URL may wait for somebody. A run does not, for the sake of a message. */
const LOOK_UP_MS = 5_000

/**
 * The webhooks of a plan with their URLs. One whose URL cannot be had is warned about before the run, and left out: nobody
 * hears of the run there, and that is no reason not to run.
 *
 * @returns `secrets`: what must be shown nowhere
 */
export async function addressWebhooks(
  { finished }: Pick<Plan, 'finished'>,
  values: SecretValues,
  emit: Emit,
): Promise<{ readonly addressed: readonly Addressed[]; readonly secrets: ReadonlyMap<string, string> }> {
  const looked = await Promise.all(
    finished.map(async webhook => ({ webhook, ...(await lookUp(webhook, values)) })),
  )
  for (const { webhook, fault } of looked)
    if (fault !== undefined) warn(emit, webhook, `nobody will be told how this run ends: ${fault}`)
  return {
    addressed: looked.flatMap(({ webhook, url, fault }) =>
      url === undefined || fault !== undefined ? [] : [{ webhook, url }],
    ),
    secrets: new Map(
      looked.flatMap(({ webhook, url }) =>
        typeof webhook.url === 'string' || url === undefined ? [] : [[webhook.url.secret, url] as const],
      ),
    ),
  }
}

/** Its URL, and what speaks against using it. */
async function lookUp(
  { url, origin }: PlannedWebhook,
  values: SecretValues,
): Promise<{ readonly url?: string; readonly fault?: string }> {
  if (typeof url === 'string') return { url }
  const late = sleep(LOOK_UP_MS, undefined, { ref: false })
  try {
    const found = await Promise.race([values.resolve([{ secret: url, where: origin }]), late])
    const value = found?.get(url.secret)
    if (value === undefined)
      return { fault: `the secret ${url.secret} is not there within ${LOOK_UP_MS / 1000} s` }
    return isWebhookUrl(value)
      ? { url: value }
      : { url: value, fault: `the secret ${url.secret} is no http or https URL` }
  } catch (error) {
    if (error instanceof StageError) return { fault: error.problems[0]?.message ?? error.message }
    throw error
  }
}

/**
 * Posts a message to every webhook at once, as `{"text": …}`, and warns of those that did not take it. Never rejects, and
 * waits for none longer than it may take.
 *
 * @param textFor what to say to one; undefined: nothing
 * @param abandoned somebody leaves at once: nothing is waited for any more
 */
export async function sendWebhooks(
  addressed: readonly Addressed[],
  textFor: (webhook: PlannedWebhook) => string | undefined,
  { emit, abandoned }: { readonly emit: Emit; readonly abandoned: AbortSignal },
): Promise<void> {
  const tell = async ({ webhook, url }: Addressed): Promise<string | undefined> => {
    const text = textFor(webhook)
    if (text === undefined) return undefined
    return post(url, text, AbortSignal.any([AbortSignal.timeout(webhook.timeoutMs), abandoned]))
  }
  const sent = addressed.map(async one => {
    // A message that cannot even be written is a fault of ours, and must not become one of the run.
    const why = await tell(one).catch((error: unknown) => `it could not be written: ${String(error)}`)
    if (why !== undefined) warn(emit, one.webhook, `the message about this run was not taken: ${why}`)
  })
  await Promise.all(sent)
}

/** Undefined: it was taken. Why not says nothing of the URL, which errors of a connection repeat. */
async function post(url: string, text: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ text }),
      redirect: 'manual',
      signal,
    })
    await response.body?.cancel()
    return response.ok ? undefined : `status ${response.status}`
  } catch (error) {
    if (signal.aborted) return 'no answer in time'
    const cause = error instanceof Error ? error.cause : undefined
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
    return `no connection${code}`
  }
}

function warn(emit: Emit, { origin }: PlannedWebhook, message: string): void {
  const problem = { code: 'webhook', where: origin, message, hint: undefined, severity: 'warning' } as const
  emit({ type: 'problem', problem })
}
