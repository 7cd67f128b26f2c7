import type { Event } from '../model/event.ts'
import { printable } from '../shell/printable.ts'
import { formatDuration } from './duration.ts'
import { headline } from './headline.ts'
import { outcomeText } from './outcome-text.ts'

/** One event as one line of a log: time, host (`-` where it is not about one), kind, text. */
export function logLine(event: Event): string {
  const { host, kind, text } = partsOf(event)
  return `${new Date(event.atMs).toISOString()} ${host ?? '-'} ${kind} ${printable(text)}`.trimEnd()
}

interface Parts {
  readonly host: string | undefined
  readonly kind: string
  readonly text: string
}

function partsOf(event: Event): Parts {
  switch (event.type) {
    case 'run-started':
      return about(event, `${headline({ ...event, hosts: event.hosts.length })} (run ${event.run})`)
    case 'host-connected':
      return onHost(event, formatDuration(event.durationMs))
    case 'phase-started':
      return about(event, `${event.phase} on ${event.hosts.join(', ')}`)
    case 'phase-finished':
      return about(event, `${event.phase}, ${formatDuration(event.durationMs)}`)
    case 'step-started':
      return onHost(event, `${event.step} ${event.title}`)
    case 'waiting':
      return onHost(event, `${event.step} for ${event.for}`)
    case 'progress':
      return onHost(event, `${event.step} ${event.done} of ${event.total}`)
    case 'output':
      return { host: event.host, kind: event.stream, text: event.line }
    case 'step-finished': {
      const { step, title, outcome, durationMs } = event
      return onHost(event, `${step} ${title}: ${outcomeText(outcome)}, ${formatDuration(durationMs)}`)
    }
    case 'command-finished':
      return onHost(event, `${outcomeText(event.outcome)}, ${formatDuration(event.durationMs)}`)
    case 'switched':
      return onHost(event, `${event.from ?? 'no link'} → ${event.to ?? 'no link'} at ${event.at}`)
    case 'put-back':
      return onHost(event, `to ${event.to ?? 'no link'}: ${outcomeText(event.outcome)}`)
    case 'kept':
      return onHost(event, event.live ?? 'no revision')
    case 'rejected':
      return onHost(event, `${event.revision}: ${event.reason}`)
    case 'notice':
      return { host: event.host, kind: event.type, text: event.message }
    case 'problem': {
      const { severity, where, message, hint } = event.problem
      return about(event, `${severity} at ${where}: ${message}${hint === undefined ? '' : ` → ${hint}`}`)
    }
    case 'run-finished':
      return about(event, `exit ${event.exit}, ${formatDuration(event.durationMs)}: ${hostsText(event)}`)
  }
}

const about = ({ type }: Event, text: string): Parts => ({ host: undefined, kind: type, text })

const onHost = ({ type, host }: Event & { readonly host: string }, text: string): Parts => ({
  host,
  kind: type,
  text,
})

function hostsText({ hosts }: Event & { readonly type: 'run-finished' }): string {
  return Object.entries(hosts)
    .map(([host, { live, readBack, outcome }]) => {
      const now = live ?? 'none'
      return `${host} ${readBack ? now : `unknown, last known ${now}`} (${outcomeText(outcome)})`
    })
    .join('; ')
}
