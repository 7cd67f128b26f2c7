import type { EnvValue } from '../model/step.ts'
import { messageFields, type RunEnd, runEnds, type Webhook } from '../model/webhook.ts'
import { suggestion } from './closest.ts'
import { type Duration, readDuration } from './duration.ts'
import { readSecret } from './env.ts'
import type { Place } from './place.ts'
import { isPlainObject, readChoice, readList, readText, unexpected } from './readers.ts'
import { parseTemplate } from './template.ts'

/** When a message is sent, and what it says. */
export interface WebhookOptions {
  /** Default: all of them. */
  readonly on?: readonly RunEnd[]
  /** A text with `{{ NAME }}` for what is known of the run. */
  readonly message?: string
  /** As long as this the end of a run waits for it, at most 10 seconds. Default: 3 seconds. */
  readonly timeout?: Duration
}

export const webhookKeys = ['on', 'message', 'timeout'] as const
type Fields = Readonly<Partial<Record<(typeof webhookKeys)[number], unknown>>>

const defaultMessage =
  '{{ intent }} {{ stage }} by {{ by }}: {{ from }} → {{ to }} on {{ hosts }}. {{ outcome }} (exit {{ exit }})'

/** Longer than this nobody waits for a message at the end of a run. */
const longestMs = 10_000

/** A message to be sent when a run is over. Its template is strict: what it asks for is known before there is a run. */
export function readWebhook(url: unknown, urlAt: Place, fields: Fields, place: Place): Webhook {
  const { on = runEnds, message = defaultMessage, timeout = '3s' } = fields
  const ends = readList(on, place.at('on'), 'a list of ends of a run', (end, at) =>
    readChoice(end, at, runEnds),
  )
  if (Array.isArray(on) && on.length === 0) unexpected(on, place.at('on'), 'at least one end of a run')
  return {
    kind: 'webhook',
    url: readWebhookUrl(url, urlAt),
    on: ends,
    message: readMessage(message, place.at('message')),
    timeoutMs: readTimeout(timeout, place.at('timeout')),
  }
}

function readTimeout(value: unknown, place: Place): number {
  const ms = readDuration(value, place)
  if (ms > longestMs) unexpected(value, place, `a duration of at most ${longestMs / 1000}s`)
  return ms
}

function readMessage(value: unknown, place: Place): string {
  const message = readText(value, place, 'the text of a message')
  const { parts, faults } = parseTemplate(message)
  for (const fault of faults)
    place.wrong('template', fault, 'a placeholder is {{ NAME }}; two braces that mean nothing are \\{{')
  for (const part of parts)
    if (typeof part !== 'string' && !messageFields.some(field => field === part.variable))
      place.wrong(
        'template',
        `a message knows no {{ ${part.variable} }}`,
        suggestion(part.variable, messageFields, 'there are'),
      )
  return message
}

/** What is wrong with it is said without it. */
function readWebhookUrl(value: unknown, place: Place): EnvValue {
  if (isPlainObject(value)) return readSecret(value, place)
  if (typeof value === 'string' && isWebhookUrl(value)) return value
  const hint = "secret('NAME') keeps it out of the configuration"
  place.wrong('webhook-url', 'expected an http or https URL without a user or a password', hint)
  return ''
}

/** Can a message be posted to it? */
export function isWebhookUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) return false
  return /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
}
