import type { HostAuthorization } from '../model/authorization.ts'
import { printable } from '../shell/printable.ts'
import type { Paint } from './paint.ts'
import { cell, tableLines } from './text-table.ts'
import { toWire, type Wire } from './wire.ts'

const words = {
  added: 'added',
  present: 'was there',
  removed: 'removed',
  absent: 'was not there',
} as const

const logins = { proven: 'opens it', refused: 'does not open it' } as const

/** Host by host what became of a key. Errors stand below, whole. */
export function authorizationTable(
  hosts: readonly HostAuthorization[],
  { columns, paint }: { readonly columns: number; readonly paint: Paint },
): string {
  const rows = hosts.map(({ host, key, login }) => [
    cell(host),
    cell(key === undefined ? 'unchanged' : words[key], key === undefined ? 'red' : 'plain'),
    login === undefined ? cell('not tried') : cell(logins[login], login === 'proven' ? 'green' : 'red'),
  ])
  const errors = hosts.flatMap(({ host, error }) =>
    error === undefined ? [] : [`${paint('red', '✖')} ${host}: ${printable(error)}`],
  )
  const table = tableLines(['host', 'key', 'login with it'], rows, { columns, indent: '', paint })
  return [...table, ...(errors.length === 0 ? [] : ['', ...errors])].join('\n')
}

/** What `deploy authorize --json` prints. */
export function authorizationAsJson(
  stage: string,
  key: { readonly type: string; readonly fingerprint: string; readonly comment: string },
  hosts: readonly HostAuthorization[],
): Wire {
  return toWire({
    v: 1,
    stage,
    key,
    hosts: new Map(hosts.map(({ host, ...what }) => [host, what])),
  })
}
