/**
 * What is fuzzed, and how much of the time each has. A check that starts a process is a thousand times slower than one
 * that parses a line, so it has more.
 */
const shares = {
  sdist: 6,
  metadata: 2,
  pax: 1,
  version: 1,
  specifier: 1,
  configuration: 3,
  'configuration-text': 2,
  'known-hosts': 2,
  'ssh-settings': 1,
  journal: 3,
  'torn-journal': 1,
  record: 3,
  'client-answers': 3,
  greeting: 1,
  'invalid-requests': 5,
  'request-orders': 6,
} as const

export type FuzzName = keyof typeof shares

/** Seconds for all of them together, when nobody says otherwise: what every run of the unit tests pays. */
const DEFAULT_SECONDS = 14

/** A fixed one, so that a run that nobody asked anything of finds today what it found yesterday. */
const DEFAULT_SEED = 20_261_120

/** How long one of them goes on, in milliseconds. FUZZ_SECONDS is for all together. */
export function budgetMs(name: FuzzName): number {
  const seconds = numberFrom('FUZZ_SECONDS') ?? DEFAULT_SECONDS
  const all = Object.values(shares).reduce((sum, share) => sum + share, 0)
  return (seconds * 1_000 * shares[name]) / all
}

/** What was asked for from outside: FUZZ_SEED, and FUZZ_PATH to go straight to one case of that seed. */
export function replay(): { readonly seed: number; readonly path: string | undefined } {
  return { seed: numberFrom('FUZZ_SEED') ?? DEFAULT_SEED, path: process.env['FUZZ_PATH'] || undefined }
}

/** Whether somebody fuzzes on purpose, and wants to know how far it got. */
export const isLong = (): boolean => numberFrom('FUZZ_SECONDS') !== undefined

function numberFrom(variable: string): number | undefined {
  const text = process.env[variable]
  if (text === undefined || text === '') return undefined
  const value = Number(text)
  if (!Number.isFinite(value)) throw new Error(`${variable}=${text} is not a number`)
  return value
}
