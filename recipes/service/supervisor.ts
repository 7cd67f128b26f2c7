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

/** Without the blanks and the carriage return at its ends: into `_text`. */
const trimmed = `trimmed() { _text=$1; while :; do case $_text in [[:space:]]*) _text=\${_text#?} ;; *[[:space:]]) _text=\${_text%?} ;; *) return ;; esac; done; }`

/** Between quotes: the two are taken off, and between double ones a backslash before what it escapes. */
const unquoted = [
  `\\"*\\") _value=\${_value#?}; _value=$(printf %s "\${_value%?}" | sed 's/\\\\\\(["\\\\$\`]\\)/\\1/g') ;;`,
  `\\'*\\') _value=\${_value#?}; _value=\${_value%?} ;;`,
]

/**
 * What systemd does with an `EnvironmentFile=` that is written as our documents say, for a shell: nothing of it is run and nothing
 * expanded; between double quotes a backslash stands before `"`, `\`, `$` and a backtick. What has no name of a variable is skipped, and
 * so is `DEPLOY_*`. Where the file cannot be read, nothing is started. `stage_env.py` of the recipe django reads it alike.
 */
export const readVariables = [
  `{ ${trimmed}`,
  '_file=$DEPLOY_SHARED/$DEPLOY_STAGE.env',
  'test ! -e "$_file" || while IFS= read -r _line || test -n "$_line"',
  'do case $_line in *=*) ;; *) continue ;; esac',
  `trimmed "\${_line%%=*}"; _name=$_text`,
  'case $_name in ""|[0-9]*|*[!A-Za-z0-9_]*|DEPLOY_*) continue ;; esac',
  `trimmed "\${_line#*=}"; _value=$_text`,
  `case $_value in ${unquoted.join(' ')} esac`,
  'export "$_name=$_value"',
  'done < "$_file"',
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
    `stopwaitsecs=${STOP_WITHIN_S}`,
    'redirect_stderr=true',
  ].join('\n')}\n`
}
