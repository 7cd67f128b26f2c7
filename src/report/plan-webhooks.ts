import type { Plan, PlannedWebhook } from '../model/plan.ts'
import { printable } from '../shell/printable.ts'
import type { Paint } from './paint.ts'

/** What is sent when the run is over, to whom, and who wants it. The whole of a URL is a secret, wherever it stands. */
export function finishedLines({ finished }: Plan, paint: Paint): readonly string[] {
  if (finished.length === 0) return []
  return [
    paint('bold', 'when it is over'),
    ...finished.flatMap(webhook => [
      `  post to ${addressText(webhook)} on ${webhook.on.join(', ')} ${paint('dim', `(${printable(webhook.origin)})`)}`,
      ...webhook.message.split('\n').map(line => `    | ${printable(line)}`.trimEnd()),
    ]),
  ]
}

/** The same webhook with nothing of its URL but the server. */
export function shownWebhook(webhook: PlannedWebhook): PlannedWebhook {
  return { ...webhook, url: typeof webhook.url === 'string' ? serverOf(webhook.url) : webhook.url }
}

const addressText = ({ url }: PlannedWebhook): string =>
  typeof url === 'string' ? serverOf(url) : `[secret ${printable(url.secret)}]`

const serverOf = (url: string): string => `${new URL(url).origin}/…`
