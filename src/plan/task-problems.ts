import type { HostFacts, SudoAnswer } from '../model/facts.ts'
import type { HostName } from '../model/names.ts'
import type { HostPlan, Task } from '../model/plan.ts'
import type { Problem } from '../model/problem.ts'
import { shownCommand } from '../shell/shown-command.ts'
import type { HostRead } from './hosts-read.ts'
import { refusal } from './problems.ts'
import { type Laid, tasksOf } from './tasks-of.ts'

type Hosts = readonly Pick<HostPlan, 'host' | 'root' | 'putBackFirst'>[]
type Commands = readonly (readonly string[])[]

/**
 * Stands for every command: may this account use sudo without a password, and hand it variables? What a step runs need
 * not be there yet, and must not be run to find out.
 */
export const anySudo: readonly string[] = ['true']

/** What has to be asked of sudo before a plan is made, by host. Nothing is asked where no step needs it. */
export function sudoQuestions(hosts: Hosts, laid: Laid): ReadonlyMap<HostName, Commands> {
  const asked = hosts.map(host => [host.host, commandsOf(host, laid)] as const)
  return new Map(asked.filter(([, commands]) => commands.length > 0))
}

function commandsOf(host: Hosts[number], laid: Laid): Commands {
  const argvs = tasksOf(host, laid).flatMap(task => sudoArgv(task, host.root))
  const commands = new Map(argvs.map(argv => [JSON.stringify(argv), argv]))
  return [...commands.values()]
}

/** The command that sudo is asked about; nothing for a task that does not need it. */
function sudoArgv({ action }: Task, root: string): Commands {
  if (!('sudo' in action) || !action.sudo) return []
  if (action.kind === 'write-file') return [anySudo]
  const [program = ''] = action.argv
  // What stands in the root is looked for there, and may be built only in this run.
  const known = program.startsWith('/') ? !program.startsWith(`${root}/`) : !/[@/]/.test(program)
  return known ? [anySudo, action.argv] : [anySudo]
}

/** Hosts whose sudo refuses what their steps need. */
export function sudoProblems(hosts: Hosts, laid: Laid, read: readonly HostRead[]): readonly Problem[] {
  return hosts.flatMap(host => {
    const facts = read.find(one => one.host.name === host.host)?.facts
    const needed = commandsOf(host, laid)
    const refused = needed.flatMap(argv => refusedBy(argv, facts?.sudo ?? []))
    const first = refused.find(({ argv }) => isAny(argv)) ?? refused[0]
    return first === undefined || facts === undefined ? [] : [sudoProblem(facts, first)]
  })
}

function sudoProblem({ host, user }: HostFacts, { argv, refusal: why }: Refused): Problem {
  if (!isAny(argv)) {
    const message = `sudo does not let ${user} run \`${shownCommand(argv)}\`: ${why}`
    return refusal('sudo', host, message, `as root on ${host}, with visudo: add it to the rule of ${user}`)
  }
  const message = `steps need sudo, which does not let ${user} run programs without a password, with their variables: ${why}`
  const rule = `${user} ALL=(root) NOPASSWD: ALL`
  const narrow = 'or NOPASSWD:SETENV: with /usr/bin/true and what the steps run'
  return refusal('sudo', host, message, `as root on ${host}, with visudo: ${rule}, ${narrow}`)
}

interface Refused {
  readonly argv: readonly string[]
  readonly refusal: string
}

const isAny = (argv: readonly string[]): boolean => argv.length === 1 && argv[0] === anySudo[0]

function refusedBy(argv: readonly string[], answers: readonly SudoAnswer[]): readonly Refused[] {
  const key = JSON.stringify(argv)
  const answer = answers.find(candidate => JSON.stringify(candidate.argv) === key)
  const reason = answer === undefined ? 'it was not asked' : answer.refusal
  return reason === undefined ? [] : [{ argv, refusal: reason }]
}

/** Files whose templates ask for what their steps do not have. */
export function templateProblems(hosts: Hosts, laid: Laid): readonly Problem[] {
  return hosts.flatMap(host => {
    const titles = new Map<string, readonly string[]>()
    for (const { title, action, env } of tasksOf(host, laid))
      if (action.kind === 'write-file' && action.unknown.length > 0)
        titles.set(`${title}: its template asks for ${action.unknown.join(', ')}`, Object.keys(env))
    return [...titles].map(([message, names]) =>
      refusal('template', host.host, message, `the step has: ${names.toSorted().join(', ')}`),
    )
  })
}
