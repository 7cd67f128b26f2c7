import type { Definition } from './definition.ts'
import type { ServiceFacts } from './facts.ts'
import type { ManagerName } from './options.ts'
import type { ServiceSettings } from './settings.ts'
import { programText } from './supervisor.ts'
import { unitText } from './systemd.ts'

/** The adapter of one manager: where its definitions stand, how they read, and what it takes to use it. */
export interface Manager {
  /** Programs that every host must have. */
  readonly requires: readonly string[]
  readonly needsRoot: (settings: ServiceSettings) => boolean
  /** The directory of its definitions; absolute. */
  readonly directory: (settings: ServiceSettings, home: string) => string
  /** `shop-production` with its suffix. */
  readonly file: (unit: string) => string
  /** How its first line begins a comment. */
  readonly comment: string
  readonly text: (definition: Definition) => string
  /** The command that restarts a service by hand. */
  readonly restart: (unit: string, settings: ServiceSettings) => string
  /** Why no service can be run on this host; each a sentence. */
  readonly problems: (facts: ServiceFacts, settings: ServiceSettings) => readonly string[]
}

const noSystemd =
  "this host was not booted with systemd: with manager: 'supervisor' a service is run by supervisord"

const systemd: Manager = {
  requires: ['systemctl'],
  needsRoot: () => true,
  directory: () => '/etc/systemd/system',
  file: unit => `${unit}.service`,
  comment: '# ',
  text: definition => unitText(definition, 'system'),
  restart: unit => `systemctl restart ${unit}.service`,
  problems: facts => (facts.systemd ? [] : [noSystemd]),
}

const systemdUser: Manager = {
  ...systemd,
  needsRoot: () => false,
  directory: (_, home) => `${home}/.config/systemd/user`,
  text: definition => unitText(definition, 'user'),
  restart: unit => `systemctl --user restart ${unit}.service`,
  problems: ({ systemd: booted, linger, userManager, user }) => {
    if (!booted) return [noSystemd]
    if (!linger)
      return [
        `services of ${user} would end with its last session, and not start with the host: as root, run \`loginctl enable-linger ${user}\``,
      ]
    return userManager
      ? []
      : [
          `no service manager of ${user} answers: install dbus-user-session where that is missing (Debian), then, as root, run \`systemctl restart user@$(id -u ${user})\``,
        ]
  },
}

const supervisor: Manager = {
  requires: ['supervisorctl'],
  needsRoot: settings => settings.supervisor.sudo,
  directory: settings => settings.supervisor.directory,
  file: unit => `${unit}.conf`,
  comment: '; ',
  text: programText,
  restart: (unit, { supervisor: { config } }) => `supervisorctl -c ${config} restart ${unit}`,
  problems: (facts, settings) =>
    facts.supervisor === false
      ? [
          `supervisord does not answer to \`supervisorctl -c ${settings.supervisor.config} pid\`: start it, or say supervisor: { config, directory, sudo }`,
        ]
      : [],
}

export const managers: Readonly<Record<ManagerName, Manager>> = {
  systemd,
  'systemd-user': systemdUser,
  supervisor,
}
