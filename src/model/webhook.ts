import type { EnvValue } from './step.ts'

/** Ends of a run that somebody may want to hear of. `rollback` is one that did what it should; `failure` is of any run. */
export const runEnds = ['success', 'failure', 'rollback'] as const
export type RunEnd = (typeof runEnds)[number]

/** What the message of a webhook may ask for. */
export const messageFields = [
  'project',
  'stage',
  'intent',
  'revision',
  'version',
  'from',
  'to',
  'live',
  'hosts',
  'by',
  'outcome',
  'exit',
  'duration',
  'run',
] as const
export type MessageField = (typeof messageFields)[number]

/** A message that the runner sends when a run is over. Nothing depends on whether it arrives. */
export interface Webhook {
  readonly kind: 'webhook'
  /** http or https. Never shown: who knows it can write to the channel behind it. */
  readonly url: EnvValue
  readonly on: readonly RunEnd[]
  /** With `{{ NAME }}` for fields of the message. */
  readonly message: string
  /** As long as this the end of a run may wait for it. */
  readonly timeoutMs: number
}
