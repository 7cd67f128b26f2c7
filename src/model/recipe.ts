import type { Mend } from './check.ts'
import type { HostName, Intent, RevisionName, Sha256, Slot, StageName, StageSlot } from './names.ts'
import type { Step } from './step.ts'
import type { Webhook } from './webhook.ts'

/** A read-only question to a host: a program, and how to read its standard output. */
export interface Fact<Value> {
  /** `argv[0]` equal to `@python` means the Python that runs the remote end. */
  readonly argv: readonly string[]
  readonly timeoutMs: number
  /** Throws an Error whose message says what it did not understand; that becomes a problem of the host. */
  readonly parse: (stdout: string) => Value
}

export type Facts<Questions> = {
  readonly [K in keyof Questions]: Questions[K] extends Fact<infer V> ? V : never
}

/** Paths on one host. Absolute. */
export interface HostPaths {
  readonly root: string
  /** The revision's own directory. */
  readonly revision: string
  /** The stored sdist: `{root}/.stage/sdists/{revision}.tar.gz`. */
  readonly sdist: string
  /**
   * What builds share: `{root}/.stage/tools`. Everything that a build runs can write there: a step that uses a file of
   * it compares that with a hash from elsewhere first.
   */
  readonly tools: string
  /** For what is needed only while building: `{root}/.stage/incoming`. */
  readonly incoming: string
  /** What shared steps of a build fill, each a directory of its own in it; gone with the verdict. */
  readonly products: string
  readonly shared: string
}

/** What a recipe knows when it decides. No stage: a revision is stage-neutral (steps after the seal read DEPLOY_STAGE). */
export interface RecipeContext<F> {
  readonly intent: Intent
  readonly host: { readonly name: HostName; readonly labels: readonly string[] }
  readonly revision: {
    readonly name: RevisionName
    readonly project: string
    readonly version: string
    /** Of the sdist. */
    readonly sha256: Sha256
    /** From PKG-INFO; undefined where it says nothing, or where no sdist is at hand (a rollback). */
    readonly requiresPython: string | undefined
  }
  /** Is there something to build on this host, or does the revision stand there? */
  readonly builds: boolean
  readonly paths: HostPaths
  /** What this host answered. */
  readonly facts: F
  /** What every selected host of the stage answered, this one included. */
  readonly fleet: ReadonlyMap<HostName, F>
}

/** The same where the stage may matter: a recipe's check, and its steps after the seal. */
export interface StageContext<F> extends RecipeContext<F> {
  readonly stage: StageName
  /** Hosts of the stage that this run leaves out: nothing is known of them. */
  readonly leftOut: readonly HostName[]
  readonly paths: HostPaths & {
    /** The stage's link, which leads to the old revision until the switch. */
    readonly link: string
  }
}

/** What a recipe knows when it says what a host of a stage should be like. */
export interface ExpectContext<F> {
  /** As the sdist of the live revision spells it; where nothing is live, as it is configured. */
  readonly project: string
  readonly stage: StageName
  readonly host: { readonly name: HostName; readonly labels: readonly string[] }
  /** What the stage's link names; undefined where nothing is live. */
  readonly live: RevisionName | undefined
  readonly paths: {
    readonly root: string
    /** The stage's link. */
    readonly link: string
    /** The live revision's own directory. */
    readonly revision: string | undefined
    readonly shared: string
  }
  /** What this host answered. */
  readonly facts: F
}

/** One field of a host as it should be, and the question that tells how it is. */
export interface Expectation {
  /** What is looked at, unique within the recipe: `unit shop-production.service`. */
  readonly field: string
  readonly expected: string
  /** Asked by `deploy check` only; what its parser returns is compared with `expected`. */
  readonly actual: Fact<string>
  readonly severity: 'drift' | 'warning'
  readonly mend: Mend
}

/** Where a recipe is asked what it takes for itself: one stage on one host, before anything was read there. */
export interface ClaimContext {
  readonly project: string
  readonly stage: StageName
  readonly host: { readonly name: HostName; readonly labels: readonly string[] }
  /** The root on this host; absolute. */
  readonly root: string
}

export type StepsBySlot = Readonly<Partial<Record<Slot, readonly Step[]>>>
export type StageStepsBySlot = Readonly<Partial<Record<StageSlot, readonly Step[]>>>

/** A path that a recipe makes in every revision: the sdist may have nothing there, and it cannot be shared. */
export interface ReservedPath {
  /** In the revision, without `.`, `..` and empty parts: `.env`. */
  readonly path: string
  /** What in the configuration names it: `python({ environment })`. */
  readonly option?: string
}

/** Facts to ask, checks to pass, steps to insert. It never gets a connection. */
export interface Recipe<
  Questions extends Readonly<Record<string, Fact<unknown>>> = Readonly<Record<string, Fact<unknown>>>,
  Builder extends string = never,
> {
  readonly name: string
  /** Names of hosts and labels that its steps name as builders: every stage has to have one of each. */
  readonly builders: readonly Builder[]
  /** What it makes in a revision itself. */
  readonly reserves: readonly ReservedPath[]
  /** Programs that every host must have, checked in preflight. */
  readonly requires: readonly string[]
  readonly facts: Questions
  /** Reasons why this host cannot be deployed to; each a sentence. */
  readonly check: (context: StageContext<Facts<Questions>>) => readonly string[]
  /** Variables for every step on this host, this recipe's and others'. */
  readonly env: (context: RecipeContext<Facts<Questions>>) => Readonly<Record<string, string>>
  readonly steps: (context: RecipeContext<Facts<Questions>>) => StepsBySlot
  /** What a host of a stage should be like, for `deploy check`; undefined: nothing beyond what the tool itself expects. */
  readonly expect: ((context: ExpectContext<Facts<Questions>>) => readonly Expectation[]) | undefined
  /** Sent from the runner when a run is over. */
  readonly finished: readonly Webhook[]
  /** Steps that differ from stage to stage: only after the seal. In a slot they come after those of `steps`. */
  readonly stageSteps: (context: StageContext<Facts<Questions>>) => StageStepsBySlot
  /** What only one stage of a server can have, in words: `port 8000`. Two stages that claim the same there are a config error. */
  readonly claims: (context: ClaimContext) => readonly string[]
}

/** A recipe that may name any builder: whether there is such a host was looked at when the configuration was loaded. */
export type AnyRecipe = Recipe<Readonly<Record<string, Fact<unknown>>>, string>
