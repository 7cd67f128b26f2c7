import type { Target } from '../model/target.ts'
import type { ConnectedFleet } from '../observe/connect-fleet.ts'
import { type Asking, askPassword, canAsk } from './ask.ts'
import type { Session } from './session.ts'

/**
 * Connects to all hosts to change who may log in there: with the keys at hand, and where none opens a host with a password,
 * which is asked for once. A key that is to be revoked is not used: what opens the hosts then goes on opening them.
 */
export async function logInForKeys(
  asking: Asking,
  session: Session,
  target: Target,
  change: { readonly publicKey: Buffer; readonly revoke: boolean },
): Promise<ConnectedFleet> {
  const { publicKey, revoke } = change
  const first = await session.connect(target.hosts, revoke ? { kind: 'without', publicKey } : undefined)
  const closed = first.unreached.filter(({ code }) => code === 'authentication')
  if (closed.length === 0) return first
  const names = closed.map(({ host }) => host)
  if (!canAsk(asking.around)) {
    const hint = 'on a terminal, the password of the account would be asked for'
    return {
      ...first,
      unreached: first.unreached.map(one => (closed.includes(one) ? { ...one, hint } : one)),
    }
  }
  // A host that cannot be reached at all ends this anyway.
  if (closed.length < first.unreached.length) return first
  const password = await askPassword(asking, `Password for ${names.join(', ')} (asked once for all)`)
  if (password === undefined) return first
  const again = await session.connect(
    target.hosts.filter(({ name }) => names.includes(name)),
    { kind: 'password', password },
  )
  const connected = new Map([...first.connected, ...again.connected])
  return {
    connected: new Map(target.hosts.flatMap(({ name }) => found(connected, name))),
    unreached: again.unreached,
  }
}

const found = <Key, Value>(from: ReadonlyMap<Key, Value>, key: Key): readonly (readonly [Key, Value])[] => {
  const value = from.get(key)
  return value === undefined ? [] : [[key, value]]
}
