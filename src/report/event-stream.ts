import type { Emit, Event } from '../model/event.ts'
import { withoutCredentials } from '../shell/credentials.ts'
import { createRedactor, type Redactor, redactEvent } from './redact.ts'

/** One projection of the events of a run. */
export interface Reporter {
  /** Sees every event in order, with no secret in it. May throw: then this reporter is left out from there on. */
  readonly handle: (event: Event) => void
  /** The last call. What was shown must be complete when this has resolved. */
  readonly end: () => Promise<void> | void
}

/** The one road from whoever does something to whoever shows it. */
export interface EventStream {
  readonly emit: Emit
  readonly subscribe: (reporter: Reporter) => void
  /**
   * From here on these values (by name) are replaced, too, in every event before any reporter sees it.
   *
   * @returns what replaces all that are known by now in another text
   */
  readonly hideSecrets: (secrets: ReadonlyMap<string, string>) => Redactor
  /** Ends every reporter, also when one of them fails; resolves with the reasons of those that failed, ever. */
  readonly end: () => Promise<readonly string[]>
}

/**
 * Opens a stream of events.
 *
 * @param clock milliseconds since the epoch, as every event will carry them in `atMs`
 */
export function createEventStream(clock: () => number): EventStream {
  const reporters = new Set<Reporter>()
  const reasons: string[] = []
  const waiting: Event[] = []
  const hidden = new Map<string, string>()
  let hide = (event: Event): Event => event
  let delivering = false

  const emit: Emit = event => {
    waiting.push(hide(withoutWritten({ ...event, atMs: clock() })))
    // A reporter that emits must not put its event before the one that the others have yet to see.
    if (delivering) return
    delivering = true
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      show(next, reporters, leftOut)
    }
    delivering = false
  }

  const leftOut = (error: unknown): void => {
    const reason = String(error)
    reasons.push(reason)
    const message = `A part of the output failed and is left out from here on: ${reason}`
    emit({ type: 'notice', host: undefined, message })
  }

  return {
    emit,
    subscribe: reporter => void reporters.add(reporter),
    hideSecrets: secrets => {
      for (const [name, value] of secrets) hidden.set(name, value)
      const redact = createRedactor(hidden)
      hide = event => redactEvent(event, redact)
      return redact
    },
    end: async () => {
      const endings = [...reporters].map(async reporter => reporter.end())
      reporters.clear()
      for (const ending of await Promise.allSettled(endings)) {
        if (ending.status === 'rejected') reasons.push(String(ending.reason))
      }
      return reasons
    },
  }
}

/** What a step prints is its own; everything else is said of what somebody wrote: a command, a message, a reason. */
const withoutWritten = (event: Event): Event =>
  event.type === 'output' || event.type === 'progress' ? event : redactEvent(event, withoutCredentials)

/** Shows an event to every reporter. One that throws is taken out. */
function show(event: Event, reporters: Set<Reporter>, leftOut: (error: unknown) => void): void {
  for (const reporter of reporters) {
    try {
      reporter.handle(event)
    } catch (error) {
      reporters.delete(reporter)
      leftOut(error)
    }
  }
}
