import type { Login } from './channel.ts'
import type { Identities } from './identities.ts'
import type { IdentityStore } from './identity-store.ts'

/** The keys that a login may use: all of them, one alone, or all but one. */
export function storeFor(
  login: Exclude<Login, { kind: 'password' }> | undefined,
  store: IdentityStore,
): IdentityStore {
  if (login === undefined) return store
  const admits = (publicKey: Buffer) => login.publicKey.equals(publicKey) === (login.kind === 'only')
  return {
    identitiesFor: async (host, identityFile, route) =>
      admitted(await store.identitiesFor(host, identityFile, route), login.kind, admits),
    // Of an encrypted key it may be known only now which one it is.
    unlock: async locked => {
      const offer = await store.unlock(locked)
      return offer !== undefined && admits(offer.publicKey) ? offer : undefined
    },
  }
}

function admitted(
  { offers, locked, leftOut }: Identities,
  kind: 'only' | 'without',
  admits: (publicKey: Buffer) => boolean,
): Identities {
  const refused = offers.filter(offer => !admits(offer.publicKey))
  return {
    offers: offers.filter(offer => admits(offer.publicKey)),
    locked: locked.filter(({ publicKey }) => publicKey === undefined || admits(publicKey)),
    leftOut:
      kind === 'only'
        ? []
        : [...leftOut, ...refused.map(({ label }) => `${label}: it is the key in question`)],
  }
}
