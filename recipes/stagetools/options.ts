import type { Duration } from 'stage-deploy'

/** Production, quality, integration, development: the first letter of the second half of a system's name. */
export type ClassLetter = 'p' | 'q' | 'i' | 'd'

/** What an attribute of a system may be. */
export type AttributeValue = string | number | boolean

/**
 * What is expected of the system of one stage, beyond its name. `{system}`, `{stage}`, `{host}`, `{root}` and `{shared}` are
 * filled in.
 */
interface Expectations {
  /** The account that it is deployed by. Default: whatever the host says the account is. */
  readonly user?: string
  /** The primary group of that account. Default: likewise. */
  readonly group?: string
  /** What its hosts call themselves: `{host}.example.com`. Default: not looked at. */
  readonly host?: string
  /** Attributes that the application is to have, over those that follow from the name: `{ media_dir: '{shared}/media' }`. */
  readonly expect?: Readonly<Record<string, AttributeValue>>
}

/** What may be said of one stage. */
export interface StageOptions extends Expectations {
  readonly class: ClassLetter
  readonly name?: string
}

/** A stage with a name of its own in the system's name, which begins with the letter of the class: `q1` of class `q`. */
type ClassOptions = {
  readonly [Letter in ClassLetter]: Expectations & {
    readonly class: Letter
    /** Default: the letter alone. */
    readonly name?: `${Letter}${string}`
  }
}

/** The class of a stage; with more to say about it, an object. */
export type StageSystem = ClassLetter | ClassOptions[ClassLetter]

/** Which systems a project built on stagetools is. */
export interface StagetoolsOptions {
  /** Every stage of the configuration with its class. Nothing is guessed from the name of a stage. */
  readonly stages: Readonly<Record<string, StageSystem>>
  /** The first half of each system's name. Default: the project's name, in lower case and with `_` for `-` and `.`. */
  readonly configuration?: string
  /** Where it is not called as the configuration is. */
  readonly coreRepo?: string
  /** Where it is not called as the core repository is. */
  readonly coreApp?: string
  /** The environment's directory in the revision, as the python recipe has it. Default: `.env`. */
  readonly environment?: string
  /**
   * What tells which system the application is, as `module:attribute`: the system itself, or a function that returns it. Default:
   * `stagetools.utils:get_actual_system_from_name`.
   */
  readonly system?: `${string}:${string}`
  /** Are the project's packages imported under each name, before the seal? Default: true. */
  readonly imports?: boolean
  /** How long each of its steps may take: asking the application, importing its packages. Default: 10 minutes. */
  readonly timeout?: Duration
}
