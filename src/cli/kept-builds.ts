import type { KeptProducts, ProductCache } from '../artifact/product-cache.ts'
import type { Builder } from '../model/builder.ts'
import type { Sha256, StageName } from '../model/names.ts'

/**
 * What earlier runs built and this machine kept. It is looked at before a plan is made, so that a plan says what is
 * built and what is not, and a run does just that. What was found stays open until the run is over.
 */
export interface KeptBuilds extends AsyncDisposable {
  /** @param stages whose builds may be used, the first of them that has one */
  find(ids: readonly Sha256[], stages: readonly StageName[]): Promise<ReadonlyMap<Sha256, Builder>>
  /** What was found so far. */
  readonly found: ReadonlyMap<Sha256, KeptProducts>
  /** Where it was found, and what this run builds is kept. */
  readonly cache: ProductCache
}

export function keptBuilds(cache: ProductCache): KeptBuilds {
  const found = new Map<Sha256, KeptProducts>()
  const first = async (id: Sha256, stages: readonly StageName[]) => {
    for (const stage of stages) {
      const kept = await cache.find(id, stage)
      if (kept !== undefined) return kept
    }
    return undefined
  }
  return {
    cache,
    found,
    async find(ids, stages) {
      for (const id of ids) {
        const kept = found.get(id) ?? (await first(id, stages))
        if (kept !== undefined) found.set(id, kept)
      }
      return new Map([...found].map(([id, { builder }]) => [id, builder]))
    },
    [Symbol.asyncDispose]: () => cache[Symbol.asyncDispose](),
  }
}
