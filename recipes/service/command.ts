import { environmentOf } from '../environment/environment-of.ts'
import { commandOf } from './commands.ts'
import { type Place, placeOf } from './listen.ts'
import { filledIn } from './placeholders.ts'
import type { Program, ServiceSettings } from './settings.ts'

/** The program of one stage with its arguments; a relative one stands in the revision. @throws StageError `config` */
export function argvOf({ name, program, listening }: ServiceSettings, stage: string): readonly string[] {
  const place = placeOf(name, listening, stage)
  if (program.kind === 'command')
    return commandOf(name, program.argv, stage).map(text => filledIn(text, stage, place))
  return place === undefined ? [] : serverArgv(program, place)
}

/** Where the program starts, in the revision: what is started out of an environment imports what is installed there. */
export function directoryOf({ program, directory }: ServiceSettings, argv: readonly string[]): string {
  if (directory !== undefined) return directory
  if (program.kind === 'server') return program.environment
  return environmentOf(argv[0] ?? '') ?? '.'
}

/** Variables of one stage. @throws StageError `config` */
export function envOf(
  { name, env, listening }: ServiceSettings,
  stage: string,
): Readonly<Record<string, string>> {
  const place = placeOf(name, listening, stage)
  return Object.fromEntries(Object.entries(env).map(([key, text]) => [key, filledIn(text, stage, place)]))
}

function serverArgv(program: Extract<Program, { kind: 'server' }>, place: Place): readonly string[] {
  const { server, app, workers, args, environment } = program
  return [
    `${environment}/bin/${server}`,
    ...(server === 'uvicorn' ? uvicornBind(place) : ['--bind', bindOf(place)]),
    ...(workers === undefined ? [] : ['--workers', `${workers}`]),
    ...args,
    app,
  ]
}

/** gunicorn and hypercorn write it alike. */
const bindOf = (place: Place): string =>
  place.kind === 'socket' ? `unix:${place.path}` : `${place.address}:${place.port}`

/** uvicorn takes an IPv6 address without brackets. */
const uvicornBind = (place: Place): readonly string[] =>
  place.kind === 'socket'
    ? ['--uds', place.path]
    : ['--host', place.address.replace(/^\[|\]$/g, ''), '--port', `${place.port}`]
