import { StageError } from '../model/stage-error.ts'
import { bumpDebian, debianParts } from './bump-debian.ts'
import { type Beginning, type Bumped, noNext, releaseParts } from './bump-parts.ts'
import { bumpPep440, pep440Parts } from './bump-pep440.ts'
import { bumpSemVer, semVerParts } from './bump-semver.ts'
import { compareIn, normalised, type Scheme, schemeNames } from './scheme.ts'

/** The parts that a version of a scheme has. */
export const partsOf = (scheme: Scheme): readonly string[] =>
  ({ pep440: pep440Parts, semver: semVerParts, debian: debianParts })[scheme]

/**
 * The next version in one of its parts. What is less than the part starts again, what finished before it is gone; a
 * pre-release of the very version that is asked for becomes it. The result is always greater.
 *
 * @param options.begin begin the next release with this pre-release; only of `major`, `minor` and `patch`
 * @throws StageError `version` when the text is no version of the scheme, when the scheme has no such part, or when there
 *   is no greater version by it
 */
export function bumpVersion(
  text: string,
  scheme: Scheme,
  part: string,
  options: { readonly begin?: Beginning } = {},
): string {
  const from = normalised(text, scheme)
  const bumped = bumpIn(scheme, from, part, options.begin)
  if (bumped.kind === 'refused')
    throw new StageError('version', `${from}: ${bumped.reason}`, hintOf(bumped.hint))
  if (compareIn(scheme, bumped.version, from) > 0) return bumped.version
  const message = `${from}: by ${part} it would become ${bumped.version}, which is not greater in ${schemeNames[scheme]}`
  throw new StageError('version', message, { hint: 'bump major, minor or patch' })
}

const hintOf = (hint: string | undefined): { readonly hint?: string } => (hint === undefined ? {} : { hint })

function bumpIn(scheme: Scheme, text: string, part: string, begin: Beginning | undefined): Bumped {
  const known = partsOf(scheme)
  const name = part === 'micro' && scheme !== 'debian' ? 'patch' : part
  if (!known.includes(name)) {
    return noNext(`${schemeNames[scheme]} has no part '${part}'`, `the parts are: ${known.join(', ')}`)
  }
  if (begin !== undefined && !releaseParts.some(release => release === name)) {
    const reason = `only the next ${releaseParts.join(', ')} can begin with a pre-release`
    return noNext(reason, `bump ${begin} alone goes on with the one that there is`)
  }
  switch (scheme) {
    case 'pep440':
      return bumpPep440(text, name, begin)
    case 'semver':
      return bumpSemVer(text, name, begin)
    case 'debian':
      return bumpDebian(text, name)
  }
}
