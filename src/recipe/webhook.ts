import type { EnvValue } from '../model/step.ts'
import type { Webhook } from '../model/webhook.ts'
import { readFields } from './readers.ts'
import { valid } from './valid.ts'
import { readWebhook, type WebhookOptions, webhookKeys } from './webhook-options.ts'

/**
 * A message that the runner posts as `{"text": …}` when a run is over, which Slack and those who do as it does
 * understand. It neither delays nor fails a run.
 *
 * @param url http or https; never shown
 * @throws StageError `config` with everything that is wrong with the URL or the options
 */
export function webhook(url: EnvValue, options: WebhookOptions = {}): Webhook {
  return valid('webhook', place =>
    readWebhook(url, place.at('url'), readFields(options, place, webhookKeys), place),
  )
}
