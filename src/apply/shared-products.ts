import type { Products } from '../artifact/product.ts'
import type { Sha256 } from '../model/names.ts'

/** What shared steps of a run make, for all hosts that wait for it. */
export interface SharedProducts {
  /** Hands out what is being fetched from the host that built it. */
  offer(id: Sha256, products: Products): void
  /** Waits for that. Undefined: the signal fired; whoever builds did not come to its end. */
  offered(id: Sha256, signal: AbortSignal): Promise<Products | undefined>
}

export function sharedProducts(): SharedProducts {
  const offers = new Map<Sha256, Offer>()
  const offerOf = (id: Sha256) => {
    const offer = offers.get(id) ?? newOffer()
    offers.set(id, offer)
    return offer
  }
  return {
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
