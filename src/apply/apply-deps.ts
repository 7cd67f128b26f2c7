import type { Products } from '../artifact/product.ts'
import type { KeptProducts, ProductCache } from '../artifact/product-cache.ts'
import type { Emit } from '../model/event.ts'
import type { HostFacts } from '../model/facts.ts'
import type { HostName, Sha256 } from '../model/names.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Basis, Task } from '../model/plan.ts'
import type { RemoteEnd } from '../remote/remote-end.ts'
import type { ApplyLimits } from './limits.ts'

export type OnOutput = (stream: 'stdout' | 'stderr', line: string) => void

/** What `apply` needs from outside: everything that is not in the plan. */
export interface ApplyDeps {
  readonly emit: Emit
  /** Opens a new connection to a host whose old one was lost. */
  readonly connect: (host: HostName, signal: AbortSignal) => Promise<RemoteEnd>
  /** Asks a host about itself again. One that does not answer in time is given up. */
  readonly observe: (host: HostName, end: RemoteEnd, limitMs: number) => Promise<HostFacts>
  /** Reads from new facts what the plan was made from: the planner's own reading. */
  readonly basisOf: (facts: HostFacts) => Basis
  /** Values of the secrets that the plan names. */
  readonly secrets: ReadonlyMap<string, string>
  /** Replaces every secret that is known in a text. What hosts put on record is written after it. */
  readonly hide: (text: string) => string
  /** The sdist of the plan, for each host that receives it; what reads it reads it once for all that keep together. */
  readonly readSdist: (signal: AbortSignal) => AsyncIterable<Uint8Array>
  /** The files that the plan sends, by their paths. */
  readonly files: ReadonlyMap<string, Products>
  /** Where what shared steps of builds make is kept for later runs. */
  readonly products: ProductCache
  /** What the plan takes from there, by the id of the build: opened when the plan was made. */
  readonly kept: ReadonlyMap<Sha256, KeptProducts>
  /** Runs a program on the runner; resolves when it has ended, however it ended. */
  readonly runLocally: (
    task: Task,
    options: {
      readonly env: Readonly<Record<string, string>>
      readonly signal: AbortSignal
      readonly onOutput: OnOutput
    },
  ) => Promise<Outcome>
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP. */
  readonly interrupted: AbortSignal
  /** Aborted by the second one: report what is known and leave. */
  readonly abandoned: AbortSignal
  readonly keepFailed: boolean
  /** How long to wait for a run that holds a lock; 0: not at all. */
  readonly waitLockMs: number
  /** Name and version of this tool, for the record. */
  readonly tool: string
  /** Milliseconds of the monotonic clock that heartbeats are told by: `performance.now`. */
  readonly monotonicMs: () => number
  /** Milliseconds of the wall clock: `Date.now`. It decides nothing but whether this machine was suspended. */
  readonly wallMs: () => number
  /** Default: `productionLimits`. */
  readonly limits?: Partial<ApplyLimits>
}
