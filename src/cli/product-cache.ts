import { isAbsolute, join } from 'node:path'
import { whoWeAre } from '../artifact/own-directory.ts'
import { type ProductCache, productCache } from '../artifact/product-cache.ts'
import type { Emit } from '../model/event.ts'
import type { Plan } from '../model/plan.ts'
import type { Surroundings } from './surroundings.ts'

/** What builds made for later hosts and runs. Trouble with it is said, and is no reason to fail. */
export function openProductCache({ env }: Pick<Surroundings, 'env'>, emit: Emit): ProductCache {
  const warn = (message: string) => emit({ type: 'notice', host: undefined, message })
  return productCache(cacheDirectory(env), { warn, us: whoWeAre(env) })
}

/** Does a plan have steps whose products pass through this machine? */
export const hasSharedBuilds = ({ phases }: Pick<Plan, 'phases'>): boolean =>
  phases.some(({ hosts }) =>
    [...hosts.values()].some(({ before, inside, after }) =>
      [...before, ...inside, ...after].some(({ action }) => action.kind === 'build'),
    ),
  )

/**
 * `stage-deploy/products` in the user's cache directory, by the XDG Base Directory Specification, which says to ignore a
 * relative `XDG_CACHE_HOME`. Undefined where there is no home either.
 */
export function cacheDirectory(env: Surroundings['env']): string | undefined {
  const cache = env['XDG_CACHE_HOME'] ?? ''
  if (isAbsolute(cache)) return join(cache, 'stage-deploy/products')
  const home = env['HOME'] ?? ''
  return isAbsolute(home) ? join(home, '.cache/stage-deploy/products') : undefined
}
