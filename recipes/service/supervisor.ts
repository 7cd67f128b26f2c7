import type { Definition } from './definition.ts'
import { startArgv } from './start.ts'

/**
 * One word of supervisord's `command`: read by Python's ConfigParser, expanded with `%`, then split by shlex. A `;` or `#`
 * after white space would begin a comment, in quotes too: there the quotes are closed and opened again.
 */
export function word(text: string): string {
  const specified = text.replaceAll('%', '%%')
  if (/^[\w@%+=:,./$-]+$/.test(specified)) return specified
  return `'${specified.replaceAll("'", "'\"'\"'").replace(/(\s)([;#])/g, "$1''$2")}'`
}

/** Between quotes: the two are taken off, and between double ones a backslash before what it escapes. */
const unquoted = [
  `\\"*\\") value=\${value#?}; value=$(printf %s "\${value%?}" | sed 's/\\\\\\(["\\\\$]\\)/\\1/g') ;;`,
  `\\'*\\') value=\${value#?}; value=\${value%?} ;;`,
]

/**
 * What systemd does with an `EnvironmentFile=` that is written as our documents say, for a shell: nothing of it is run and nothing
 * expanded; between double quotes a backslash stands before `"`, `\` and `$`. Where it cannot be read, nothing is started.
 */
const readVariables = [
  '{ file=$DEPLOY_SHARED/$DEPLOY_STAGE.env',
  'test ! -e "$file" || while IFS= read -r line || test -n "$line"',
  String.raw`do case $line in [#\;]*|""|DEPLOY_*) continue ;; *=*) ;; *) continue ;; esac`,
  `name=\${line%%=*} value=\${line#*=}`,
  `case $value in ${unquoted.join(' ')} esac`,
  'export "$name=$value"',
  'done < "$file"',
  '}',
].join('; ')

/** The program of a service, as a file that supervisord includes. */
export function programText(definition: Definition): string {
  const { header, unit, settings, argv, env, link, account } = definition
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  const command = ['/usr/bin/env', ...variables, ...startArgv(link, argv, [readVariables])]
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
    'redirect_stderr=true',
  ].join('\n')}\n`
}
