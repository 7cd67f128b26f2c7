import { StageError } from 'stage-deploy'
import type { Listen, PerStage } from './options.ts'

/** Where a service of one stage listens. */
export type Place =
  | { readonly kind: 'port'; readonly address: string; readonly port: number }
  | { readonly kind: 'socket'; readonly path: string }

/** `8000`, `0.0.0.0:8000`, `[::1]:8000`, `/run/shop/{stage}.sock`; undefined: it is none of these. */
export function readListen(value: unknown): Place | undefined {
  if (typeof value === 'number')
    return isPort(value) ? { kind: 'port', address: '127.0.0.1', port: value } : undefined
  if (typeof value !== 'string' || /\p{Cc}/u.test(value)) return undefined
  if (value.startsWith('/')) return value.endsWith('/') ? undefined : { kind: 'socket', path: value }
  const [, address = '', digits = ''] = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(value) ?? []
  return address !== '' && isPort(Number(digits))
    ? { kind: 'port', address, port: Number(digits) }
    : undefined
}

const isPort = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= 65_535

/** Where a service listens, by stage. */
export type Listening =
  | { readonly kind: 'nowhere' }
  | { readonly kind: 'everywhere'; readonly place: Place }
  | { readonly kind: 'by-stage'; readonly places: ReadonlyMap<string, Place> }

/** The option, after it was checked. */
export function listeningOf(written: PerStage<Listen> | undefined): Listening {
  if (written === undefined) return { kind: 'nowhere' }
  if (typeof written !== 'object') {
    const place = readListen(written)
    return place === undefined ? { kind: 'nowhere' } : { kind: 'everywhere', place }
  }
  const places = Object.entries(written).flatMap(([stage, value]) => {
    const place = readListen(value)
    return place === undefined ? [] : [[stage, place] as const]
  })
  return { kind: 'by-stage', places: new Map(places) }
}

/**
 * Where the service of this stage listens.
 *
 * @throws StageError `config`: each stage has a place of its own, and this one has none
 */
export function placeOf(service: string, listening: Listening, stage: string): Place | undefined {
  if (listening.kind === 'nowhere') return undefined
  const place = listening.kind === 'everywhere' ? listening.place : listening.places.get(stage)
  if (place === undefined)
    throw new StageError(
      'config',
      `the service '${service}' does not say where it listens on the stage '${stage}'`,
      {
        hint: `write it: listen: { '${stage}': 8000 }`,
      },
    )
  return place.kind === 'port' ? place : { ...place, path: place.path.replaceAll('{stage}', stage) }
}

/** What nobody else may have on the same server. Of a port it does not matter on which of its addresses. */
export const claimOf = (place: Place): string =>
  place.kind === 'port' ? `port ${place.port}` : `socket ${place.path}`
