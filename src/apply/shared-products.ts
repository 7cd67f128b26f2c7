import type { Products } from '../artifact/product.ts'
import type { ProductCache } from '../artifact/product-cache.ts'
import type { Sha256 } from '../model/names.ts'

/** What shared steps of a run made, or an earlier run kept: each looked for once, then there for all hosts. */
export interface SharedProducts {
  /** What is at hand without building; undefined: it has to be built. */
  find(id: Sha256): Promise<Products | undefined>
  /** Hands out what is being fetched from the host that built it. */
  offer(id: Sha256, products: Products): void
  /** Waits for that. Undefined: the signal fired; whoever builds did not come to its end. */
  offered(id: Sha256, signal: AbortSignal): Promise<Products | undefined>
}

export function sharedProducts(cache: ProductCache): SharedProducts {
  const found = new Map<Sha256, Promise<Products | undefined>>()
  const offers = new Map<Sha256, Offer>()
  const offerOf = (id: Sha256) => kept(offers, id, newOffer)
  return {
    find: id => kept(found, id, () => cache.find(id)),
    offer: (id, products) => offerOf(id).make(products),
    offered: (id, signal) => unlessAborted(offerOf(id).made, signal),
  }
}

interface Offer {
  readonly made: Promise<Products>
  make(products: Products): void
}

function newOffer(): Offer {
  let make: (products: Products) => void = () => undefined
  const made = new Promise<Products>(resolve => {
    make = resolve
  })
  return { made, make: products => make(products) }
}

function kept<Value>(map: Map<Sha256, Value>, id: Sha256, create: () => Value): Value {
  const value = map.get(id) ?? create()
  map.set(id, value)
  return value
}

/** The first host that does not end well fires the signal for all others: nobody waits for ever. */
function unlessAborted<Value>(made: Promise<Value>, signal: AbortSignal): Promise<Value | undefined> {
  if (signal.aborted) return Promise.resolve(undefined)
  return new Promise(resolve => {
    const stop = () => resolve(undefined)
    signal.addEventListener('abort', stop, { once: true })
    void made.then(value => {
      signal.removeEventListener('abort', stop)
      resolve(value)
    })
  })
}
