import {
  type ExpectContext,
  type Fact,
  fact,
  type Secret,
  type StageContext,
  secret,
  type WrittenExpectation,
} from 'stage-deploy'
import { pythonArguments } from './host-program.ts'

/** What a host has of one stage's key: which one it is can be compared and not be told from this. */
export type Key = { readonly kind: 'kept'; readonly digest: string } | { readonly kind: 'unreadable' }

/** By stage. A stage without one is not in it. */
export type Keys = ReadonlyMap<string, Key>

export interface DjangoFacts {
  readonly keys: Keys
}

/** Asks a host which stages have a key. @param variable undefined: none is looked for */
export const keysFact = (variable: string | undefined): Fact<Keys> =>
  fact(['@python', ...pythonArguments('keys', { variable: variable ?? null })], readKeys)

function readKeys(stdout: string): Keys {
  const told: unknown = JSON.parse(stdout)
  if (typeof told !== 'object' || told === null) throw new Error('its answer is no list of stages')
  return new Map(Object.entries(told).map(([stage, digest]) => [stage, keyOf(digest)]))
}

const keyOf = (digest: unknown): Key =>
  typeof digest === 'string' ? { kind: 'kept', digest } : { kind: 'unreadable' }

/** The hosts that have a key for this stage, by name. */
export const holders = ({ fleet, stage }: Pick<StageContext<DjangoFacts>, 'fleet' | 'stage'>) =>
  [...fleet]
    .flatMap(([host, { keys }]) => {
      const key = keys.get(stage)
      return key?.kind === 'kept' ? [{ host, digest: key.digest }] : []
    })
    .toSorted((a, b) => (a.host < b.host ? -1 : 1))

/** Of 48 random bytes, in 64 characters that no file of variables has to quote. */
const GENERATE =
  "require('node:fs').writeSync(1, require('node:crypto').randomBytes(48).toString('base64url'))"

/**
 * The key of the stage: that of the first host that has one, or a new one, made once for the run. Either way the runner
 * knows it, so nothing that a command prints of it is shown.
 */
export function keyOfStage(variable: string, context: StageContext<DjangoFacts>): Secret {
  const [first] = holders(context)
  if (first === undefined) return secret(variable, { command: [process.execPath, '-e', GENERATE] })
  const told = { variable, stage: context.stage }
  return secret(variable, { host: first.host, command: ['@python', ...pythonArguments('print_key', told)] })
}

/** A host of a live stage has its key. @param variable undefined: none is looked for */
export function keyExpected(
  variable: string | undefined,
  { stage, live, paths }: Pick<ExpectContext<DjangoFacts>, 'stage' | 'live' | 'paths'>,
): readonly WrittenExpectation[] {
  if (variable === undefined || live === undefined) return []
  const told = fact(['@python', ...pythonArguments('keys', { variable })], out => {
    const key = readKeys(out).get(stage)
    return key === undefined ? 'missing' : key.kind
  })
  const text = `the next deploy writes that of the other hosts into ${paths.shared}/${stage}.env; one that cannot be read has to belong to the deploy account`
  return [
    { field: `${variable} of ${stage}`, expected: 'kept', actual: told, mend: { kind: 'advice', text } },
  ]
}
