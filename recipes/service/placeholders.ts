import { StageError } from 'stage-deploy'
import type { Place } from './listen.ts'

const pattern = /\{(address|port|socket|stage)\}/g

/** What a text asks for. Other braces mean nothing. */
export const placeholdersIn = (texts: readonly string[]): readonly string[] =>
  texts.flatMap(text => [...text.matchAll(pattern)].map(([, name = '']) => name))

/**
 * Fills in `{port}`, `{address}`, `{socket}` and `{stage}`.
 *
 * @throws StageError `config` where the stage listens on the other kind
 */
export function filledIn(text: string, stage: string, place: Place | undefined): string {
  const values: Readonly<Record<string, string | undefined>> = {
    stage,
    address: place?.kind === 'port' ? place.address : undefined,
    port: place?.kind === 'port' ? `${place.port}` : undefined,
    socket: place?.kind === 'socket' ? place.path : undefined,
  }
  return text.replace(pattern, (found, name: string) => {
    const value = values[name]
    if (value === undefined)
      throw new StageError(
        'config',
        `there is a ${found} in what it runs, and on the stage '${stage}' it listens elsewhere`,
        {
          hint: '{port} and {address} are of a port, {socket} is of a socket',
        },
      )
    return value
  })
}
