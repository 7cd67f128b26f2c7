import type { Webhook } from '../model/webhook.ts'
import type { Place } from './place.ts'
import { readFields, readList, unexpected } from './readers.ts'
import { readWebhook } from './webhook-options.ts'

const builtKeys = ['kind', 'url', 'on', 'message', 'timeoutMs'] as const

/** What `webhook` returned, read like anything from outside: an object made by hand is no way around its rules. */
export function readWebhooks(value: unknown, place: Place): readonly Webhook[] {
  return readList(value, place, 'a list of webhooks', (entry, at) => {
    const { kind, url, timeoutMs, ...fields } = readFields(entry, at, builtKeys)
    if (kind !== 'webhook') unexpected(kind, at.at('kind'), 'webhook(…)')
    const timeout = typeof timeoutMs === 'number' ? `${timeoutMs}ms` : timeoutMs
    return readWebhook(url, at.at('url'), { ...fields, timeout }, at)
  })
}
