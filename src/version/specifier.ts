import { StageError } from '../model/stage-error.ts'
import { compareParsed, compareReleases, parsedVersion } from './compare.ts'
import { formatVersion, type Pep440, parseVersion } from './pep440.ts'

type Operator = '~=' | '==' | '!=' | '<=' | '>=' | '<' | '>'

/** One clause of a specifier: an order, a prefix (`==3.11.*`), or the same text (`===`). */
type Clause =
  | { readonly kind: 'ordered'; readonly operator: Operator; readonly version: Pep440 }
  | { readonly kind: 'prefix'; readonly negated: boolean; readonly version: Pep440 }
  | { readonly kind: 'arbitrary'; readonly text: string }

const CLAUSE = /^(?<operator>===|~=|==|!=|<=|>=|<|>)\s*(?<operand>[^\s;)]+)$/

/** Says whether the text is a PEP 440 version specifier such as `>=3.9, <4`. The empty text is one: it allows all. */
export function isSpecifier(text: string): boolean {
  return parseSpecifier(text) !== undefined
}

/**
 * Says whether a version is allowed by a specifier, as Python's packaging 26 decides it. The library that gives the
 * grammar is not asked: its `satisfies` has `1.0.post2` not above `1.0.post1`, `1` not in `1.0.*`, any local version
 * in `==1.0+other`, and takes a trailing comma for an error.
 *
 * @param options.prereleases false: a pre-release is allowed only when the specifier itself names one
 * @throws StageError `version` when the version or the specifier is not one
 */
export function satisfies(
  version: string,
  specifier: string,
  options: { readonly prereleases: boolean },
): boolean {
  const candidate = parsedVersion(version)
  const clauses = parseSpecifier(specifier)
  if (clauses === undefined) {
    throw new StageError('version', `${JSON.stringify(specifier)} is not a PEP 440 version specifier`, {
      hint: 'write clauses separated by commas, like >=3.9, <4',
    })
  }
  const allowed = options.prereleases || clauses.some(namesPrerelease)
  if (!allowed && isPrerelease(candidate)) return false
  return clauses.every(clause => contains(clause, candidate))
}

/** Empty clauses are skipped, as packaging does: `>=3.6,` is common in published metadata. */
function parseSpecifier(text: string): readonly Clause[] | undefined {
  const clauses: Clause[] = []
  for (const part of text.split(',').map(word => word.trim())) {
    if (part === '') continue
    const clause = parseClause(part)
    if (clause === undefined) return undefined
    clauses.push(clause)
  }
  return clauses
}

function parseClause(text: string): Clause | undefined {
  const groups = CLAUSE.exec(text)?.groups
  const [operator, operand] = [groups?.['operator'], groups?.['operand']]
  if (operator === undefined || operand === undefined) return undefined
  if (operator === '===') return { kind: 'arbitrary', text: operand }
  if (operand.endsWith('.*')) return parsePrefixClause(operator, operand.slice(0, -2))
  const version = parseVersion(operand)
  if (version === undefined) return undefined
  switch (operator) {
    case '==':
    case '!=':
      return { kind: 'ordered', operator, version }
    case '~=':
      return version.release.length > 1 && !isLocal(version)
        ? { kind: 'ordered', operator, version }
        : undefined
    case '<=':
    case '>=':
    case '<':
    case '>':
      return isLocal(version) ? undefined : { kind: 'ordered', operator, version }
    default:
      return undefined
  }
}

/** A wildcard stands after a plain release, and only for equality. */
function parsePrefixClause(operator: string, prefix: string): Clause | undefined {
  const version = parseVersion(prefix)
  if (version === undefined || (operator !== '==' && operator !== '!=')) return undefined
  if (version.pre !== undefined || version.post !== undefined || version.dev !== undefined) return undefined
  return isLocal(version) ? undefined : { kind: 'prefix', negated: operator === '!=', version }
}

function contains(clause: Clause, candidate: Pep440): boolean {
  switch (clause.kind) {
    case 'arbitrary':
      return formatVersion(candidate) === clause.text.toLowerCase()
    case 'prefix':
      return hasPrefix(candidate, clause.version) !== clause.negated
    case 'ordered':
      return fits(clause.operator, candidate, clause.version)
  }
}

function fits(operator: Operator, candidate: Pep440, bound: Pep440): boolean {
  // The candidate's local label counts only where the specifier has one too (PEP 440, "Version matching").
  const order = compareParsed(isLocal(bound) ? candidate : publicPart(candidate), bound)
  switch (operator) {
    case '==':
      return order === 0
    case '!=':
      return order !== 0
    case '<=':
      return order <= 0
    case '>=':
      return order >= 0
    case '~=':
      return order >= 0 && hasPrefix(candidate, { ...bound, release: bound.release.slice(0, -1) })
    case '<':
      return (
        order < 0 && !(isPrerelease(candidate) && !isPrerelease(bound) && isPrereleaseOf(candidate, bound))
      )
    case '>':
      return (
        order > 0 && !(candidate.post !== undefined && bound.post === undefined && isPostOf(candidate, bound))
      )
  }
}

/** `1` is in `1.0.*`: a missing part of the release counts as zero. */
function hasPrefix(candidate: Pep440, { epoch, release }: Pep440): boolean {
  if (candidate.epoch !== epoch) return false
  return (
    compareReleases(
      release.map((_, index) => candidate.release[index] ?? '0'),
      release,
    ) === 0
  )
}

/** Not below the first pre-release that the bound can have: 1.2.dev0 for 1.2. `<1.2` leaves those out. */
function isPrereleaseOf(candidate: Pep440, bound: Pep440): boolean {
  return compareParsed(candidate, { ...bound, dev: '0', local: [] }) >= 0
}

/** `>1.2` leaves out 1.2.post1. */
function isPostOf(candidate: Pep440, bound: Pep440): boolean {
  return compareParsed({ ...candidate, post: undefined, dev: undefined, local: [] }, bound) === 0
}

function namesPrerelease(clause: Clause): boolean {
  switch (clause.kind) {
    case 'prefix':
      return false
    case 'arbitrary': {
      const version = parseVersion(clause.text)
      return version !== undefined && isPrerelease(version)
    }
    case 'ordered':
      return clause.operator !== '!=' && isPrerelease(clause.version)
  }
}

function isPrerelease({ pre, dev }: Pep440): boolean {
  return pre !== undefined || dev !== undefined
}

function isLocal({ local }: Pep440): boolean {
  return local.length > 0
}

function publicPart(version: Pep440): Pep440 {
  return { ...version, local: [] }
}
