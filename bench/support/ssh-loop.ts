import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchFleet } from './bench-fleet.ts'
import { MUX_PREFIX } from './cpu.ts'

/** What people write who have no tool: ssh and scp for all hosts at once, over one connection for each host. */
export interface SshLoop {
  /** One command line on every host, in parallel. */
  run(commandFor: (name: string) => string): Promise<void>
  /** One file to every host, in parallel. */
  copy(file: string, to: (name: string) => string): Promise<void>
  /** Opens the connections; without it the first command does. */
  open(): Promise<void>
  /** Ends the connections, so that the next command opens them anew. */
  close(): Promise<void>
}

export async function sshLoop(hosts: BenchFleet): Promise<SshLoop> {
  const { fleet, names } = hosts
  // Short: a path of a socket is at most 108 bytes long (unix(7)).
  const sockets = await mkdtemp(join(tmpdir(), MUX_PREFIX))
  const options = (name: string) => [
    ...['-F', fleet.sshConfigFile, '-i', fleet.identityFile],
    ...['-o', `UserKnownHostsFile=${fleet.knownHostsFile}`, '-o', 'GlobalKnownHostsFile=none'],
    ...['-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes', '-o', 'LogLevel=ERROR'],
    ...['-o', 'ControlMaster=auto', '-o', 'ControlPersist=60', '-o', `ControlPath=${sockets}/${name}`],
  ]
  const target = (name: string) => `${fleet.host(name).user}@${hosts.at(name).address}`
  const port = (name: string) => `${hosts.at(name).port}`
  const onAll = async (argvFor: (name: string) => readonly string[]) => {
    await Promise.all(names.map(name => mustEnd(argvFor(name))))
  }
  const run: SshLoop['run'] = commandFor =>
    onAll(name => ['ssh', ...options(name), '-p', port(name), '--', target(name), commandFor(name)])
  return {
    run,
    copy: (file, to) =>
      onAll(name => [
        'scp',
        '-qO',
        ...options(name),
        '-P',
        port(name),
        '--',
        file,
        `${target(name)}:${to(name)}`,
      ]),
    open: () => run(() => 'true'),
    close: () =>
      onAll(name => ['ssh', '-q', ...options(name), '-p', port(name), '-O', 'exit', '--', target(name)]),
  }
}

/** Its exit counts, not the end of its output: the process that keeps the connection inherits that. */
async function mustEnd([program = '', ...argv]: readonly string[]): Promise<void> {
  const [code] = await once(spawn(program, argv, { stdio: ['ignore', 'ignore', 2] }), 'exit')
  if (code !== 0) throw new Error(`${program} ${argv.join(' ')} ended with ${code}`)
}
