import { readVariables } from '../stage-file/read-variables.ts'
import type { Definition } from './definition.ts'
import { startArgv } from './start.ts'
import { STOP_WITHIN_S } from './stop.ts'

/**
 * One word of supervisord's `command`: read by Python's ConfigParser, expanded with `%`, then split by shlex. A `;` or `#`
 * after white space would begin a comment, in quotes too: there the quotes are closed and opened again.
 */
export function word(text: string): string {
  const specified = text.replaceAll('%', '%%')
  if (/^[\w@%+=:,./$-]+$/.test(specified)) return specified
  return `'${specified.replaceAll("'", "'\"'\"'").replace(/(\s)([;#])/g, "$1''$2")}'`
}

/** The program of a service, as a file that supervisord includes. */
export function programText(definition: Definition): string {
  const { header, unit, settings, start, env, account } = definition
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  const command = ['/usr/bin/env', ...variables, ...startArgv(start, [readVariables])]
  const restarts = { 'on-failure': 'unexpected', always: 'true', no: 'false' }
  const user = settings.user ?? (settings.supervisor.sudo ? account : undefined)
  return `${[
    `; ${header}`,
    `[program:${unit}]`,
    `command=${command.map(word).join(' ')}`,
    ...(user === undefined ? [] : [`user=${user}`]),
    'autostart=true',
    `autorestart=${restarts[settings.restart]}`,
    // The whole group: a worker that outlives its main process would go on serving the old revision.
    'killasgroup=true',
    `stopwaitsecs=${STOP_WITHIN_S}`,
    'redirect_stderr=true',
  ].join('\n')}\n`
}
