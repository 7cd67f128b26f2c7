import { resolve } from 'node:path'
import { readSdist } from '../../artifact/read-sdist.ts'
import { type ExitCode, exitCodes } from '../../model/outcome.ts'
import { StageError } from '../../model/stage-error.ts'
import type { VersionScheme } from '../../model/version-policy.ts'
import {
  formatVersionShown,
  type ShownVersion,
  shownVersion,
  versionAsJson,
} from '../../report/version-text.ts'
import { jsonText, type Wire } from '../../report/wire.ts'
import { bumpVersion } from '../../version/bump.ts'
import type { Beginning } from '../../version/bump-parts.ts'
import { projectVersion } from '../../version/project-version.ts'
import { pythonRules } from '../../version/python-rules.ts'
import { disagreement, type SaidVersion } from '../../version/said-version.ts'
import { compareIn, convertVersion, normalised, type Scheme, schemeNames } from '../../version/scheme.ts'
import { type ProjectSources, projectSources } from '../project-sources.ts'
import { readConfiguration } from '../read-configuration.ts'
import { tellResult } from '../results.ts'
import type { Command } from '../run-on-stage.ts'
import { say } from '../say.ts'
import type { Surroundings } from '../surroundings.ts'

/** What every `deploy version` command has. */
export interface VersionFlags {
  readonly json?: boolean
  readonly scheme?: Scheme
  readonly config?: string
}

/** `deploy version show [VERSION|SDIST]`. 3: the sources of the project do not agree. */
export async function showVersion(
  command: Command,
  text: string | undefined,
  flags: VersionFlags,
): Promise<ExitCode> {
  const { around } = command
  const shown = text === undefined ? await ofProject(command, flags) : await given(around, text, flags)
  return await tell(command, flags, versionAsJson(shown), formatVersionShown(shown))
}

/** An sdist is told by its ending, or by a slash, which no version has. */
async function given(around: Surroundings, text: string, flags: VersionFlags): Promise<ShownVersion> {
  if (!text.endsWith('.tar.gz') && !text.includes('/')) return shownVersion(text, flags.scheme ?? 'pep440')
  const { version, path } = await readSdist(resolve(around.cwd, text), pythonRules)
  return ofSdist(version, path, flags.scheme ?? 'pep440')
}

function ofSdist(version: string, path: string, scheme: Scheme): ShownVersion {
  const places = [{ place: `${path} (PKG-INFO)`, text: version }]
  return shownVersion(inScheme(version, scheme), scheme, places)
}

/** The version of an sdist, as a project with this scheme writes it. */
function inScheme(version: string, scheme: Scheme): string {
  if (scheme === 'debian') return converted(version, 'pep440', 'debian').version
  const read = projectVersion(scheme, version)
  if (read.kind === 'read') return read.version
  throw new StageError(
    'version',
    `${version} is no ${schemeNames[scheme]} version: ${read.reasons.join('; ')}`,
  )
}

async function ofProject(command: Command, flags: VersionFlags): Promise<ShownVersion> {
  const { around } = command
  const { scheme, said, sdist, missing } = await sourcesOf(command, flags)
  const problem = said && sdist && disagreement(said, sdist)
  if (problem !== undefined)
    throw new StageError('refused', 'the sources of the version do not agree', { problems: [problem] })
  if (missing !== undefined) say(around.stderr, [missing])
  const place = said === undefined ? [] : [{ place: placeOf(said), text: said.text }]
  if (sdist === undefined) return shownVersion(said?.text ?? '', scheme, place)
  const shown = ofSdist(sdist.version, sdist.path, scheme)
  return { ...shown, places: [...place, ...shown.places] }
}

function placeOf({ place, after }: SaidVersion): string {
  if (after === undefined) return place
  return `${place}, ${after.commits} before ${after.hash.slice(0, 12)}`
}

async function sourcesOf(
  command: Command,
  flags: VersionFlags,
): Promise<ProjectSources & { readonly scheme: VersionScheme }> {
  const config = await readConfiguration(command, { color: true, ...pick(flags) })
  if (flags.scheme !== undefined && flags.scheme !== config.versions) {
    throw new StageError('usage', `the versions of ${config.project} are ${schemeNames[config.versions]}`, {
      hint: 'leave --scheme out, or name a version',
    })
  }
  return { ...(await projectSources(config, command.interrupts.interrupted)), scheme: config.versions }
}

const pick = ({ config }: VersionFlags): { readonly config?: string } =>
  config === undefined ? {} : { config }

/** `deploy version compare A B`. The answer is what is printed; it is no failure that one is less. */
export async function compareTwo(
  command: Command,
  a: string,
  b: string,
  flags: VersionFlags,
): Promise<ExitCode> {
  const { scheme = 'pep440' } = flags
  const order = { '-1': '<', '0': '=', '1': '>' }[compareIn(scheme, a, b)]
  const [left, right] = [normalised(a, scheme), normalised(b, scheme)]
  return await tell(command, flags, { v: 1, scheme, a: left, order, b: right }, order)
}

/** `deploy version bump PART [VERSION]`: prints the next version; writes nothing anywhere. */
export async function bump(
  command: Command,
  part: string,
  text: string | undefined,
  flags: VersionFlags & { readonly begin?: Beginning },
): Promise<ExitCode> {
  const { begin } = flags
  const { version, scheme } =
    text === undefined
      ? await currentVersion(command, flags)
      : { version: text, scheme: flags.scheme ?? ('pep440' as const) }
  const to = bumpVersion(version, scheme, part, begin === undefined ? {} : { begin })
  return await tell(command, flags, { v: 1, scheme, part, from: normalised(version, scheme), to }, to)
}

/** What the configured source says counts more than the sdist: that is built from it. */
async function currentVersion(
  command: Command,
  flags: VersionFlags,
): Promise<{ readonly version: string; readonly scheme: Scheme }> {
  const { around } = command
  const { scheme, said, sdist } = await sourcesOf(command, flags)
  const version = said?.text ?? inScheme(sdist?.version ?? '', scheme)
  say(around.stderr, [`from ${version}, ${said === undefined ? (sdist?.path ?? '') : placeOf(said)}`])
  return { version, scheme }
}

/** `deploy version convert VERSION --from SCHEME --to SCHEME`. */
export async function convert(
  command: Command,
  text: string,
  flags: { readonly json?: boolean; readonly from: Scheme; readonly to: Scheme },
): Promise<ExitCode> {
  const { around } = command
  const { from, to } = flags
  const { version, note } = converted(text, from, to)
  if (note !== undefined) say(around.stderr, [`note: ${note}`])
  const json = { v: 1, from: { scheme: from, version: normalised(text, from) }, to: { scheme: to, version } }
  return await tell(command, flags, { ...json, note: note ?? null }, version)
}

/** Throws StageError `version`, which says all that would be lost. */
function converted(
  text: string,
  from: Scheme,
  to: Scheme,
): { readonly version: string; readonly note: string | undefined } {
  const found = convertVersion(text, from, to)
  if (found.kind === 'converted') return found
  const message = `${normalised(text, from)} cannot keep its place in the order as a ${schemeNames[to]} version`
  throw new StageError('version', message, {
    hint: [...found.lost, ...(found.hint === undefined ? [] : [found.hint])].join('\n'),
  })
}

async function tell(
  { around, interrupts }: Command,
  { json }: { readonly json?: boolean },
  wire: Wire,
  text: string,
): Promise<ExitCode> {
  const result = json === true ? jsonText(wire) : text
  return tellResult(around.stdout, result, { exit: exitCodes.done, interrupted: interrupts.interrupted })
}
