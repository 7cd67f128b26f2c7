import type { StretchName } from './live-model.ts'
import type { LiveState } from './live-state.ts'
import type { Paint } from './paint.ts'

/** How far a phase has come. `warned`: it failed, and that changes nothing for the run (`prune`). */
export type PhaseState = 'waiting' | 'running' | 'done' | 'failed' | 'warned' | 'skipped'

/** One line of the list. */
export interface Stretch {
  readonly name: StretchName
  readonly state: PhaseState
}

/** Everything that one frame is drawn from. */
export interface Scene {
  readonly stretches: readonly Stretch[]
  readonly state: LiveState
  /** The runner's clock: now, and at the first event. */
  readonly nowMs: number
  readonly beganMs: number
  readonly columns: number
  readonly rows: number
  readonly paint: Paint
  /** The last frame stays on the screen: it shows neither hosts nor what did not come to pass. */
  readonly final: boolean
}
