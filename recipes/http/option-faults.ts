import { type OptionFault, refusedOptions } from '../options/refused-options.ts'

/** What both probes can be told. */
export const probeKeys = [
  ...['status', 'contains', 'matches', 'json', 'answerHeaders', 'headers'],
  ...['interval', 'attempt', 'title', 'timeout'],
]

/** Of the question after the switch alone: none of it means anything without a URL. */
const withoutMeaning = [...probeKeys, 'socket', 'once', 'undo', 'version']

/**
 * What a configuration in JSON or YAML, which has no compiler, can get wrong in the keys of the recipe itself. The values
 * of a probe are looked at where the probe is made.
 *
 * @throws StageError `config` with everything that is wrong
 */
export function checkOptions(options: object, allowed: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw refusedOptions('http', [{ key: '', message: 'expected an object with options' }])
  const written: Readonly<Record<string, unknown>> = { ...options }
  const faults = [
    ...Object.keys(written).flatMap((key): OptionFault[] =>
      allowed.includes(key)
        ? []
        : [{ key, message: `unknown key '${key}': there are ${allowed.join(', ')}` }],
    ),
    ...(allowed.includes('url') ? [...askedNothing(written), ...urlFaults(written['url'])] : []),
    ...versionFaults(written['version']),
    ...slotFaults(written['slot']),
    ...fileFaults(written),
  ]
  if (faults.length > 0) throw refusedOptions('http', faults)
}

function askedNothing(written: Readonly<Record<string, unknown>>): readonly OptionFault[] {
  if (written['url'] !== undefined) return []
  if (written['boot'] === undefined)
    return [{ key: 'url', message: 'there is nothing to ask: name a `url`, or what to `boot`' }]
  const given = withoutMeaning.filter(key => written[key] !== undefined)
  return given.map(key => ({
    key,
    message: `this is for \`url\`, which is missing; of the boot it is \`boot.${key}\``,
  }))
}

/** What a URL is made of is looked at where the probe is made. */
function urlFaults(url: unknown): readonly OptionFault[] {
  if (url === undefined || typeof url === 'string') return []
  const ofStages =
    typeof url === 'object' && url !== null && !Array.isArray(url) && Object.keys(url).length > 0
  if (ofStages && Object.values(url).every(value => typeof value === 'string')) return []
  return [
    { key: 'url', message: "expected a URL, or one for each stage: { staging: 'http://127.0.0.1:8001/' }" },
  ]
}

function versionFaults(version: unknown): readonly OptionFault[] {
  if (version === undefined || version === true) return []
  const path = typeof version === 'object' && version !== null && 'json' in version ? version.json : undefined
  const only = typeof version === 'object' && version !== null && Object.keys(version).length === 1
  return typeof path === 'string' && path !== '' && only
    ? []
    : [{ key: 'version', message: "expected true, or { json: 'build.version' }" }]
}

const slotFaults = (slot: unknown): readonly OptionFault[] =>
  slot === undefined || slot === 'verify' || slot === 'before:switch'
    ? []
    : [{ key: 'slot', message: "expected 'verify' or 'before:switch'" }]

function fileFaults({ environmentFile, slot }: Readonly<Record<string, unknown>>): readonly OptionFault[] {
  const key = 'environmentFile'
  if (environmentFile === undefined || environmentFile === false) return []
  if (environmentFile !== true) return [{ key, message: 'expected true or false' }]
  if (slot === 'before:switch') return []
  return [
    {
      key,
      message: "a revision that is verified has no stage, and no file of one: add slot: 'before:switch'",
    },
  ]
}
