import { join } from 'node:path'
import { readSdist, type Sdist } from '../artifact/read-sdist.ts'
import type { HostName } from '../model/names.ts'
import type { Problem } from '../model/problem.ts'
import { StageError } from '../model/stage-error.ts'
import { fetchSdist } from '../observe/fetch-sdist.ts'
import type { NotHolder } from '../plan/choose-promotion.ts'
import { refusal, warning } from '../plan/problems.ts'
import type { Wanted } from '../plan/request.ts'
import type { RemoteEnd } from '../remote/remote-end.ts'
import { compareVersions } from '../version/compare.ts'
import { sameProject } from '../version/project-name.ts'
import { pythonRules } from '../version/python-rules.ts'

/** What is promoted, and who may have it. */
export interface Promoted {
  readonly wanted: Wanted
  /** In the order in which they are asked. */
  readonly holders: readonly HostName[]
  /** Hosts that are not asked, with the reason. */
  readonly notHolders: readonly NotHolder[]
}

/** The sdist of what is promoted, or why there is none; every host that does not have it is named. */
export type PromotedSdist =
  | { readonly kind: 'fetched'; readonly sdist: Sdist; readonly warnings: readonly Problem[] }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }

/**
 * Fetches the sdist of what is promoted from the first host that has its very bytes. A host that has others, does not
 * answer, or is lost is named, and the next one is asked.
 *
 * @param directory an empty one, for nobody but this run
 */
export async function promotedSdist(
  { wanted, holders, notHolders }: Promoted,
  ends: ReadonlyMap<HostName, RemoteEnd>,
  directory: string,
  signal: AbortSignal,
): Promise<PromotedSdist> {
  const not: NotHolder[] = [...notHolders]
  const path = join(directory, `${wanted.name}.tar.gz`)
  const identity = { revision: wanted.name, sha256: wanted.sha256 }
  for (const host of holders) {
    // Whoever runs this sees that first, and says it.
    if (signal.aborted) break
    const end = ends.get(host)
    const why = end === undefined ? 'it is not connected' : await fetchSdist(end, identity, path, signal)
    if (why === undefined) return read(path, wanted, host, not)
    not.push({ host, why })
  }
  return { kind: 'refused', problems: not.map(one => notHeld(refusal, one, wanted)) }
}

/** The bytes are right. What is wrong with them now is wrong on every host, and no fault of how the command is used. */
async function read(
  path: string,
  wanted: Wanted,
  host: HostName,
  not: readonly NotHolder[],
): Promise<PromotedSdist> {
  const refuse = (why: string): PromotedSdist => ({
    kind: 'refused',
    problems: [refusal('other-bytes', host, `the sdist that ${wanted.name} is made from ${why}`, anotherWay)],
  })
  try {
    const sdist = await readSdist(path, pythonRules)
    const isIt =
      sameProject(sdist.name, wanted.project) && compareVersions(sdist.version, wanted.version) === 0
    if (!isIt) return refuse(`says that it is ${sdist.name} ${sdist.version}`)
    return { kind: 'fetched', sdist, warnings: not.map(one => notHeld(warning, one, wanted)) }
  } catch (error) {
    if (error instanceof StageError && error.code === 'artifact')
      return refuse(`cannot be read: ${error.reason}`)
    throw error
  }
}

const anotherWay = 'deploy the sdist itself instead'

function notHeld(problem: typeof refusal, { host, why }: NotHolder, { name }: Wanted): Problem {
  const hint = `${name} is not taken from ${host}; \`deploy check\` compares what it has with its record`
  return problem('other-bytes', host, `it cannot give the sdist of ${name}: ${why}`, hint)
}
