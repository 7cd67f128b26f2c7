import type { ExpectContext, WrittenExpectation } from 'stage-deploy'
import type { ServiceFacts } from './facts.ts'
import { hostFact } from './host-program.ts'
import { managers } from './managers.ts'
import type { ServiceSettings } from './settings.ts'
import { type Standing, standing, toldOf } from './steps.ts'

/** Which words one question about a service is answered in: look.py. */
type Ask = 'definition' | 'enabled' | 'process' | 'state' | 'supervised'

/**
 * How a service is while something is live on its stage, asked of its host without root: its definition as rendered, and where its
 * manager answers the account, that it comes up with the host, and that its process lives in the live revision. What another account
 * runs can only be seen to run: /proc shows nothing else of it.
 */
export function serviceExpectations(
  settings: ServiceSettings,
  { stage, host, live, paths, project, facts }: ExpectContext<{ readonly manager: ServiceFacts }>,
): readonly WrittenExpectation[] {
  if (live === undefined) return []
  const manager = managers[settings.manager]
  const service = standing(settings, { project, stage, host: host.name, root: paths.root }, facts.manager)
  const { unit, account } = service.definition
  const row = (ask: Ask, expected: string, mend: WrittenExpectation['mend']): WrittenExpectation => {
    const told = { ...toldOf(service, settings), ask, text: ask === 'definition' ? service.text : '' }
    const actual = hostFact('look', told, out => out.trim())
    return { field: `service ${unit}: ${ask === 'supervised' ? 'process' : ask}`, expected, actual, mend }
  }
  const definition = row('definition', 'as rendered', {
    kind: 'advice',
    text: `the next switch of ${stage} writes ${service.file} anew, and restarts the service`,
  })
  const isOwn = account === facts.manager.user
  const on = manager.needsRoot(settings) ? 'host as root' : 'host'
  const restart = { kind: 'command', on, command: manager.restart(unit, settings) } as const
  // Root's supervisord answers root alone. What it runs as this account can be found all the same.
  if (settings.manager === 'supervisor' && settings.supervisor.sudo)
    return isOwn ? [definition, row('supervised', `runs in ${live}`, restart)] : [definition]
  const process = isOwn ? row('process', `runs in ${live}`, restart) : row('state', 'runs', restart)
  return [definition, ...enabled(settings, service, row), process]
}

/** What supervisord has a definition of, it starts. */
function enabled(
  { manager }: ServiceSettings,
  { definition: { unit } }: Standing,
  row: (ask: Ask, expected: string, mend: WrittenExpectation['mend']) => WrittenExpectation,
): readonly WrittenExpectation[] {
  if (manager === 'supervisor') return []
  const [on, user] =
    manager === 'systemd-user' ? (['host', ' --user'] as const) : (['host as root', ''] as const)
  return [row('enabled', 'yes', { kind: 'command', on, command: `systemctl${user} enable ${unit}.service` })]
}
