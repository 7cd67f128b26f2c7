import type { Fleet } from '../../support/fleet.ts'
import type { TestHost } from '../../support/test-host.ts'

/** In the home of the deploy account, where no tool looks. */
const HOLD = 'hold'

/** What the lab's own configuration does in `health`: waits as long as somebody wants to see it wait. */
export const WAIT_WHILE_HELD = `while test -e "$HOME/${HOLD}"; do sleep 0.2; done`

/** A line that a person types to a lab: one word, mostly followed by the name of a host. */
export interface LabCommand {
  readonly word: string
  /** What follows the word, as `help` shows it. */
  readonly given: string
  readonly does: string
  /** What is said when it is done. */
  act(host: TestHost, rest: string): Promise<string>
}

/** Everything that can be done to a host, in the order of `help`; most are methods of {@link TestHost}. */
export const labCommands: readonly LabCommand[] = [
  command('cut', 'HOST', 'packets vanish in both directions, and nobody is told', async host => {
    await host.cutNetwork()
    return `${host.name} is cut off`
  }),
  command('mend', 'HOST', 'the network is whole again', async host => {
    await host.mendNetwork()
    return `${host.name} is reached again`
  }),
  command(
    'freeze',
    'HOST [all]',
    'its SSH server stands still; with `all` every process does',
    async (host, rest) => {
      await host.freeze(rest === 'all' ? 'host' : 'server')
      return rest === 'all'
        ? `everything on ${host.name} is frozen`
        : `the SSH server of ${host.name} is frozen`
    },
  ),
  command('thaw', 'HOST', 'what was frozen goes on', async host => {
    await host.thaw()
    return `${host.name} goes on`
  }),
  command(
    'stop',
    'HOST',
    'its SSH server takes no new connection; those that there are go on',
    async host => {
      await host.stop()
      return `${host.name} refuses new connections`
    },
  ),
  command('start', 'HOST', 'its SSH server is there again', async host => {
    await host.start()
    return `${host.name} takes connections`
  }),
  command('kill-sessions', 'HOST', 'every connection to it breaks', async host => {
    await host.killSessions()
    return `the connections to ${host.name} are broken`
  }),
  command(
    'reboot',
    'HOST',
    'every process dies at once; then it is back, with what was on its disk',
    async host => {
      await host.powerOff()
      await host.powerOn()
      return `${host.name} was rebooted`
    },
  ),
  command(
    'hold',
    'HOST',
    'a run that has switched waits there in its health check: time for a fault',
    async host => {
      await host.run(['touch', HOLD])
      return `runs will wait on ${host.name} after the switch`
    },
  ),
  command('go', 'HOST', 'it waits no longer', async host => {
    await host.run(['rm', '-f', HOLD])
    return `runs do not wait on ${host.name}`
  }),
  command('ps', 'HOST', 'what runs on it besides its SSH server', async host => {
    const processes = await host.processes()
    if (processes.length === 0) return `nothing runs on ${host.name}`
    return processes.map(({ pid, command: line }) => `${pid} ${line}`).join('\n')
  }),
  command(
    'root',
    'HOST COMMAND…',
    'a shell command as root: mount something, change modes, kill a process',
    async (host, rest) => {
      const { code, stdout, stderr } = await host.run(['/bin/sh', '-c', rest], { as: 'root' })
      return [stdout.trimEnd(), stderr.trimEnd(), code === 0 ? '' : `exit ${code}`]
        .filter(text => text !== '')
        .join('\n')
    },
  ),
]

function command(word: string, given: string, does: string, act: LabCommand['act']): LabCommand {
  return { word, given, does, act }
}

/** Every command, a line for each. */
export function labHelp(): string {
  const usages = labCommands.map(({ word, given, does }) => [`${word} ${given}`, does] as const)
  const all = [
    ...usages,
    ['shell HOST', 'log in to it as the deploy account'],
    ['release VERSION', 'make another version of the application'],
    ['quit', 'take all hosts away'],
  ] as const
  const width = Math.max(...all.map(([usage]) => usage.length))
  return all.map(([usage, does]) => `  ${usage.padEnd(width)}  ${does}`).join('\n')
}

/** Does what a line says. @returns what to show; also of what went wrong or was not understood, which changes nothing */
export async function obey(fleet: Pick<Fleet, 'hosts'>, line: string): Promise<string> {
  const [, word = '', name = '', rest = ''] = /^\s*(\S*)\s*(\S*)\s*(.*?)\s*$/.exec(line) ?? []
  if (word === '' || word === 'help') return word === '' ? '' : labHelp()
  const found = labCommands.find(one => one.word === word)
  if (found === undefined) return `there is no command '${word}':\n${labHelp()}`
  const host = fleet.hosts.find(one => one.name === name)
  if (host === undefined)
    return `${word} takes the name of a host: ${fleet.hosts.map(one => one.name).join(', ')}`
  try {
    return await found.act(host, rest)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
