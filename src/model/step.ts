/** A value that is looked up when a run starts, and never written to a plan, a log, an event or a process list. */
export type Secret =
  /** The variable of that name in the runner's environment. */
  | { readonly secret: string; readonly file?: never; readonly command?: never; readonly host?: never }
  /** What stands in a file of the runner. */
  | { readonly secret: string; readonly file: string; readonly command?: never; readonly host?: never }
  /** What a program prints, run once: one of the runner, or, read-only like a fact, one of a host of the run. */
  | {
      readonly secret: string
      readonly file?: never
      readonly command: readonly string[]
      readonly host?: string
    }

export type EnvValue = string | Secret

interface StepCommon {
  /** What the step is called in a plan and in output. */
  readonly title: string
  /** After this the step's process group is killed and the step has failed. */
  readonly timeoutMs: number
  /** How whoever writes the configuration calls the option that lengthens this: said where a step takes too long. */
  readonly timeoutOption: string
  readonly env: Readonly<Record<string, EnvValue>>
  /** Relative to the revision (on the runner: to the configuration); undefined: that directory itself. */
  readonly cwd: string | undefined
  /** `false`: on every host. `true`: on the first host by name. A label: on the first host by name that has it. */
  readonly once: boolean | string
  /**
   * What undoes this step when the switch is put back. `undefined`: a step of `after:switch` and `activate` is run
   * again for the old revision, others are not undone. `false`: nothing is done.
   */
  readonly undo: UndoStep | false | undefined
}

/**
 * Makes one run of a build step do for several hosts: the first of those that ask for the same runs it, and what it leaves
 * in DEPLOY_PRODUCTS/{name} is there on all of them before the next step.
 */
export interface Share {
  /** Names the directory that the step fills, one for each shared step of a build. */
  readonly name: string
  /** Hosts on which it would make the same give the same key: the platform, say. */
  readonly key: string
  /**
   * What else decides what it makes, besides the sdist and the variables of the step. `undefined`: its arguments, with
   * the paths of the host left out.
   */
  readonly inputs: readonly string[] | undefined
  /** The host that builds, or a label: the first host by name that has it. `undefined`: the first host by name. */
  readonly builder: string | undefined
  /** How whoever writes the configuration calls that option: said where a build fails. */
  readonly builderOption: string
}

/** A program on the host, started without a shell. */
export interface ExecStep extends StepCommon {
  readonly kind: 'exec'
  readonly argv: readonly string[]
  /** As root, through sudo(8) without a password. */
  readonly sudo: boolean
  /** Only in the slot `build`. `undefined`: every host runs it for itself. */
  readonly share: Share | undefined
}

/** Which answer to a probe is good: all of this has to be so. */
export interface ExpectedAnswer {
  readonly status: readonly number[]
  /** A text that the body must contain. */
  readonly contains: string | undefined
  /** Regular expressions; each has to be found in the body. */
  readonly matches: readonly string[]
  /** By the path of a value in a body that is JSON (`build.version`), what it may be, as text. */
  readonly json: Readonly<Record<string, readonly string[]>>
  /** By the name of a header of the answer, a text that it must contain. */
  readonly answerHeaders: Readonly<Record<string, string>>
}

/** Asks a URL from the host itself until the answer is as expected. */
export interface HttpProbeStep extends StepCommon, ExpectedAnswer {
  readonly kind: 'http-probe'
  readonly url: string
  /** Path of a Unix socket to ask instead of the URL's own host and port. */
  readonly socket: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly intervalMs: number
  readonly attemptMs: number
}

/** A program on the runner, started without a shell. */
export interface LocalStep extends StepCommon {
  readonly kind: 'local'
  readonly argv: readonly string[]
}

/** Writes a file on the host, whole or not at all. */
export interface WriteFileStep extends StepCommon {
  readonly kind: 'write-file'
  /** A template like the text; from the directory of the step where it is not absolute. */
  readonly path: string
  /** With `{{ NAME }}` for variables of the step. */
  readonly text: string
  /** Permission bits. `undefined`: 0600 with a secret in it, 0644 without. */
  readonly mode: number | undefined
  readonly sudo: boolean
}

/** Sends a file of the runner to the host, for the steps of the build that come after it. */
export interface SendFileStep extends StepCommon {
  readonly kind: 'send-file'
  /** Path on the runner; from the configuration's directory where it is not absolute. */
  readonly file: string
  /** Names the directory in DEPLOY_PRODUCTS where it arrives. */
  readonly name: string
}

/** Starts the revision on a free port or socket, waits until it answers as expected, and ends it again. */
export interface BootProbeStep extends StepCommon, ExpectedAnswer {
  readonly kind: 'boot-probe'
  /** `{port}` or `{socket}` in it, or in a variable, says where to listen. */
  readonly argv: readonly string[]
  readonly listen: 'port' | 'socket'
  /** Of the URL: `/health`. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly intervalMs: number
  readonly attemptMs: number
}

/** What a function of the configuration is called with. */
export interface CallContext {
  /** For which host it is called; `once`: for the first of them. */
  readonly host: string
  /** What a program of the step would have been given: `DEPLOY_*`, and its own variables with secrets filled in. */
  readonly env: Readonly<Record<string, string>>
  /** Aborted when the step is to end: time limit, failure elsewhere, an interrupt. */
  readonly signal: AbortSignal
  /** Says a line as output of the step. */
  readonly print: (line: string) => void
}

export type CallFunction = (context: CallContext) => Promise<void>

/** A function, called on the runner: no plan can tell what it does. */
export interface CallStep extends StepCommon {
  readonly kind: 'call'
  readonly run: CallFunction
}

/** What can undo another step. A boot probe leaves nothing behind, so it undoes nothing; what is sent is for a build. */
export type UndoStep = ExecStep | WriteFileStep | HttpProbeStep | LocalStep | CallStep

/** One thing to be done, as data: it can be printed, tested and undone. */
export type Step = UndoStep | BootProbeStep | SendFileStep
