import type { Definition } from './definition.ts'
import { startArgv } from './start.ts'
import { STOP_WITHIN_S } from './stop.ts'

/** One word of a command line in a unit: systemd.service(5), "Command lines", and systemd.syntax(7), "Quoting". */
export const commandWord = (text: string): string => quoted(text.replaceAll('$', '$$$$'))

/** One assignment of `Environment=`, where a dollar means nothing: systemd.exec(5). */
export const assignment = (name: string, value: string): string => quoted(`${name}=${value}`)

/** A value that is taken as it stands, but for specifiers: systemd.unit(5), "Specifiers". */
export const plain = (text: string): string => text.replaceAll('%', '%%')

/** Plain words stay readable; a lone `;` would separate commands. */
function quoted(text: string): string {
  const specified = plain(text)
  if (/^[\w@%+=:,./$-]+$/.test(specified)) return specified
  return `"${specified.replace(/[\\"]/g, '\\$&')}"`
}

/**
 * The unit of a service. It says the same whatever revision is live, so that it changes only with the configuration.
 *
 * @param scope a user's manager has neither a network target nor other users
 */
export function unitText(definition: Definition, scope: 'system' | 'user'): string {
  const { header, title, settings, start, env, environmentFile, account } = definition
  const { restart, reload } = settings
  const isGunicorn = settings.program.kind === 'server' && settings.program.server === 'gunicorn'
  return lines([
    `# ${header}`,
    '[Unit]',
    `Description=${plain(title)}`,
    scope === 'system' ? 'After=network.target' : undefined,
    '',
    '[Service]',
    // gunicorn tells its manager when it serves (sd_notify); of others it is only known that they were started.
    `Type=${isGunicorn ? 'notify' : 'exec'}`,
    scope === 'system' ? `User=${account}` : undefined,
    ...Object.entries(env).map(([name, value]) => `Environment=${assignment(name, value)}`),
    `EnvironmentFile=-${plain(environmentFile)}`,
    `ExecStart=${startArgv(start).map(commandWord).join(' ')}`,
    reload === undefined ? undefined : `ExecReload=/bin/kill -s ${reload} $MAINPID`,
    `Restart=${restart}`,
    'RestartSec=1',
    settings.ownStart ? `TimeoutStartSec=${settings.startMs}ms` : undefined,
    // The main process is asked to end and ends its workers; what is left then is killed.
    'KillMode=mixed',
    `TimeoutStopSec=${STOP_WITHIN_S}`,
    '',
    '[Install]',
    `WantedBy=${scope === 'system' ? 'multi-user' : 'default'}.target`,
  ])
}

const lines = (all: readonly (string | undefined)[]): string =>
  `${all.filter(line => line !== undefined).join('\n')}\n`
