import type { Outcome } from '../model/outcome.ts'
import { printable } from '../shell/printable.ts'
import type { Style } from './paint.ts'

/** An outcome in words: `ok`, `failed: exit 1`, `cancelled`, `unknown: connection lost`. */
export function outcomeText(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'ok':
    case 'cancelled':
      return outcome.kind
    case 'failed':
    case 'unknown':
      return outcome.reason === '' ? outcome.kind : `${outcome.kind}: ${printable(outcome.reason)}`
  }
}

export function outcomeStyle(outcome: Outcome): Style {
  switch (outcome.kind) {
    case 'ok':
      return 'green'
    case 'failed':
    case 'unknown':
      return 'red'
    case 'cancelled':
      return 'yellow'
  }
}
