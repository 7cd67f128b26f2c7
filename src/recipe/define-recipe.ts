import type {
  ClaimContext,
  ExpectContext,
  Fact,
  Facts,
  Recipe,
  RecipeContext,
  ReservedPath,
  StageContext,
  StageStepsBySlot,
  StepsBySlot,
} from '../model/recipe.ts'
import type { Webhook } from '../model/webhook.ts'
import { readArgument } from './argv.ts'
import { isFact } from './fact.ts'
import type { Place } from './place.ts'
import { readExpectations, type WrittenExpectation } from './read-expectations.ts'
import { readStageSteps, readStepsBySlot } from './read-slots.ts'
import { readWebhooks } from './read-webhooks.ts'
import { readEntries, readFields, readList, readText, unexpected } from './readers.ts'
import { valid } from './valid.ts'

type Questions = Readonly<Record<string, Fact<unknown>>>
type AnyContext = RecipeContext<Readonly<Record<string, unknown>>>
type AnyStageContext = StageContext<Readonly<Record<string, unknown>>>

/** What a recipe is made of; everything but the name may be left out. */
export interface RecipeDefinition<Asked extends Questions, Builder extends string = never> {
  /** Lower-case letters, digits and `-`. */
  readonly name: string
  /** Programs that every host must have, checked before anything is changed. */
  readonly requires?: readonly string[]
  /**
   * Names of hosts and labels that its shared steps name as `builder`. That every stage has such a host is checked when
   * the configuration is loaded, and where it is written in TypeScript a misspelt name does not compile.
   */
  readonly builders?: readonly Builder[]
  /**
   * What it makes in a revision itself: `[{ path: '.env', option: 'python({ environment })' }]`. An sdist that has
   * something there is refused before anything is sent, and so is a shared path.
   */
  readonly reserves?: readonly ReservedPath[]
  /** Read-only questions; what they return is `context.facts` below. */
  readonly facts?: Asked
  /** Reasons why this host cannot be deployed to; each a sentence. */
  check?(context: StageContext<Facts<Asked>>): readonly string[]
  /** Variables for every step on this host, this recipe's and others'. */
  env?(context: RecipeContext<Facts<Asked>>): Readonly<Record<string, string>>
  /** What is to be done on this host, by slot. */
  steps?(context: RecipeContext<Facts<Asked>>): StepsBySlot
  /** What a host should be like while the stage is live on it: compared by `deploy check`. */
  expect?(context: ExpectContext<Facts<Asked>>): readonly WrittenExpectation[]
  /** What is sent from the runner when a run is over: `webhook(…)`. */
  readonly finished?: readonly Webhook[]
  /** What is to be done on this host for this stage: in slots after the seal, after the steps above. */
  stageSteps?(context: StageContext<Facts<Asked>>): StageStepsBySlot
  /** What only one stage of a server can have, such as `port 8000`; a StageError that it throws is a config error. */
  claims?(context: ClaimContext): readonly string[]
}

/**
 * The same as data, after the types of the facts are no longer known: whoever calls these gives each recipe the
 * answers that its own parsers returned.
 */
interface AnyDefinition {
  check?(context: AnyStageContext): readonly string[]
  env?(context: AnyContext): Readonly<Record<string, string>>
  steps?(context: AnyContext): StepsBySlot
  expect?(context: ExpectContext<Readonly<Record<string, unknown>>>): readonly WrittenExpectation[]
  stageSteps?(context: AnyStageContext): StageStepsBySlot
  claims?(context: ClaimContext): readonly string[]
}

const keys = [
  'name',
  'requires',
  'facts',
  'check',
  'env',
  'steps',
  'stageSteps',
  'claims',
  'expect',
  'finished',
  'builders',
  'reserves',
] as const
const recipeName = /^[a-z][a-z0-9-]*$/

/**
 * A recipe: facts to ask, checks to pass, steps to insert, all as data. The types of the facts are inferred into
 * the context of `check`, `env`, `steps` and `stageSteps`.
 *
 * @throws StageError `config` with everything that is wrong with the definition; the steps are checked when they
 *   are asked for, and a slot or a step that does not exist is a StageError `config` then
 */
export function defineRecipe<
  const Asked extends Questions = Readonly<Record<never, Fact<unknown>>>,
  const Builder extends string = never,
>(definition: RecipeDefinition<Asked, Builder>): Recipe<Questions, Builder> {
  const { name, requires = [], facts = {}, finished = [], builders = [], reserves = [] } = definition
  const erased: AnyDefinition = definition
  valid('defineRecipe', place => checkDefinition(definition, place))
  return {
    name,
    requires,
    builders,
    reserves,
    facts,
    check: context => erased.check?.(context) ?? [],
    env: context => erased.env?.(context) ?? {},
    steps: context =>
      valid(`recipe ${name}: steps`, place => readStepsBySlot(erased.steps?.(context) ?? {}, place)),
    expect:
      erased.expect === undefined
        ? undefined
        : context =>
            valid(`recipe ${name}: expect`, place => readExpectations(erased.expect?.(context), place)),
    finished,
    stageSteps: context =>
      valid(`recipe ${name}: stageSteps`, place => readStageSteps(erased.stageSteps?.(context) ?? {}, place)),
    claims: context => erased.claims?.(context) ?? [],
  }
}

function checkDefinition(definition: unknown, place: Place): void {
  const fields = readFields(definition, place, keys)
  const {
    name,
    requires = [],
    facts = {},
    finished = [],
    builders = [],
    reserves = [],
    ...functions
  } = fields
  readWebhooks(finished, place.at('finished'))
  if (typeof name !== 'string' || !recipeName.test(name))
    unexpected(name, place.at('name'), 'lower-case letters, digits and -')
  readList(requires, place.at('requires'), 'a list of programs', readProgram)
  readList(builders, place.at('builders'), 'a list of names of hosts and labels', readText)
  readList(reserves, place.at('reserves'), 'a list of paths: [{ path, option }]', readReserved)
  for (const [question, written] of readEntries(facts, place.at('facts'), 'facts by name'))
    if (!isFact(written)) unexpected(written, place.at('facts').at(question), 'fact(…) or pythonFact(…)')
  for (const [key, written] of Object.entries(functions))
    if (written !== undefined && typeof written !== 'function')
      unexpected(written, place.at(key), 'a function')
}

function readProgram(value: unknown, place: Place): string {
  const program = readArgument(value, place)
  if (typeof value === 'string' && /^(?:-|$)|\s/.test(program))
    unexpected(value, place, 'the name of a program')
  return program
}

function readReserved(value: unknown, place: Place): void {
  const { path, option } = readFields(value, place, ['path', 'option'], 'a path: { path, option }')
  const parts = typeof path === 'string' && !/\p{Cc}/u.test(path) ? path.split('/') : ['']
  if (parts.some(part => part === '' || part === '.' || part === '..'))
    unexpected(path, place.at('path'), "a relative path without '.', '..' and empty parts, such as '.env'")
  if (option !== undefined) readText(option, place.at('option'), 'an option: python({ environment })')
}
