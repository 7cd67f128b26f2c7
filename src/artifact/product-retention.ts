import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sha256, StageName } from '../model/names.ts'
import { digestOf } from './digest-of.ts'

/** How much the cache may take; the entry that was used last always stays. */
export interface CacheLimits {
  readonly bytes: number
  readonly entries: number
}

/** A few revisions of some projects, on a laptop or in a home that CI keeps between jobs. */
export const productionCacheLimits: CacheLimits = { bytes: 2 * 1024 ** 3, entries: 100 }

/** No build takes a day: what is that old was left by a runner that died. */
const LEFT_BEHIND_MS = 24 * 60 * 60 * 1000

const SUFFIX = '.products'
const entryPattern = /^[0-9a-f]{64}\.products$/
const temporaryPattern = /^[0-9a-f]{64}\.products\.[0-9a-f]{16}\.new$/

/** What an entry of the cache is called. Each stage that built has one of its own: none replaces that of another. */
export const entryName = (id: Sha256, builtFor: StageName): string => `${digestOf([id, builtFor])}${SUFFIX}`

/** Removes what was not used for longest, beyond the limits, and what dead runs left. Touches no other file. */
export async function removeOldEntries(directory: string, limits: CacheLimits): Promise<void> {
  const found = await entriesOf(directory)
  const stale = found.filter(({ temporary, usedMs }) => temporary && Date.now() - usedMs > LEFT_BEHIND_MS)
  const kept = { bytes: 0, entries: 0 }
  const tooMany = found
    .filter(({ temporary }) => !temporary)
    .toSorted((a, b) => b.usedMs - a.usedMs)
    .filter(({ bytes }) => {
      kept.bytes += bytes
      kept.entries += 1
      return kept.entries > 1 && (kept.bytes > limits.bytes || kept.entries > limits.entries)
    })
  await Promise.all([...stale, ...tooMany].map(({ path }) => rm(path, { force: true })))
}

interface FoundEntry {
  readonly path: string
  readonly temporary: boolean
  readonly bytes: number
  readonly usedMs: number
}

async function entriesOf(directory: string): Promise<readonly FoundEntry[]> {
  const names = (await readdir(directory)).filter(
    name => entryPattern.test(name) || temporaryPattern.test(name),
  )
  const found = await Promise.all(
    names.map(async name => {
      const path = join(directory, name)
      // Another run may have removed it meanwhile.
      const stats = await stat(path).catch(() => undefined)
      if (stats === undefined) return undefined
      return { path, temporary: temporaryPattern.test(name), bytes: stats.size, usedMs: stats.mtimeMs }
    }),
  )
  return found.filter(entry => entry !== undefined)
}
