/** A value that is looked up when a run starts, and never written to a plan, a log, an event or a process list. */
export interface Secret {
  readonly secret: string
}

export type EnvValue = string | Secret

interface StepCommon {
  /** What the step is called in a plan and in output. */
  readonly title: string
  /** After this the step's process group is killed and the step has failed. */
  readonly timeoutMs: number
  readonly env: Readonly<Record<string, EnvValue>>
  /** Relative to the revision (on the runner: to the configuration); undefined: that directory itself. */
  readonly cwd: string | undefined
  /** `false`: on every host. `true`: on the first host by name. A label: on the first host by name that has it. */
  readonly once: boolean | string
  /**
   * What undoes this step when the switch is put back. `undefined`: a step of `after:switch` and `activate` is run
   * again for the old revision, others are not undone. `false`: nothing is done.
   */
  readonly undo: Step | false | undefined
}

/** A program on the host, started without a shell. */
export interface ExecStep extends StepCommon {
  readonly kind: 'exec'
  readonly argv: readonly string[]
}

/** Asks a URL from the host itself until the answer is as expected. */
export interface HttpProbeStep extends StepCommon {
  readonly kind: 'http-probe'
  readonly url: string
  /** Path of a Unix socket to ask instead of the URL's own host and port. */
  readonly socket: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly status: readonly number[]
  /** A text that the body must contain. */
  readonly contains: string | undefined
  readonly intervalMs: number
  readonly attemptMs: number
}

/** A program on the runner, started without a shell. */
export interface LocalStep extends StepCommon {
  readonly kind: 'local'
  readonly argv: readonly string[]
}

/** One thing to be done, as data: it can be printed, tested and undone. */
export type Step = ExecStep | HttpProbeStep | LocalStep
