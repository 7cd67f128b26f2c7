import { once } from 'node:events'
import { type Sandbox, startSandbox } from './sandbox.ts'
import { formatConfig } from './sandbox-config.ts'

export interface RunSandboxOptions {
  readonly hosts: number
  readonly directory?: string
  /** The project that the printed configuration is for; a placeholder by default. */
  readonly project?: string
  /** Takes one line without its end. */
  readonly print: (line: string) => void
  /** Aborted when the sandbox shall stop: Ctrl-C. */
  readonly signal: AbortSignal
}

/** Runs a sandbox until it is told to stop: prints the configuration to use, waits, and leaves nothing. */
export async function runSandbox(options: RunSandboxOptions): Promise<void> {
  const { hosts, directory, project = 'my-project', print, signal } = options
  const sandbox = await startSandbox({ hosts, ...(directory === undefined ? {} : { directory }) })
  try {
    for (const line of describeSandbox(sandbox, project)) print(line)
    if (!signal.aborted) await once(signal, 'abort')
    print('Stopping.')
  } finally {
    await sandbox.stop()
  }
  print('The hosts and their files are gone.')
}

function describeSandbox(sandbox: Sandbox, project: string): readonly string[] {
  const names = sandbox.hosts.map(host => host.name).join(', ')
  const [first] = sandbox.hosts
  return [
    `Running ${names} in ${sandbox.directory}.`,
    'A configuration for them, to save as stage.config.ts; your own needs its ssh and hosts:',
    '',
    ...formatConfig(sandbox.configFor(project)).trimEnd().split('\n'),
    '',
    ...(first === undefined
      ? []
      : [
          'To look at a host from another terminal:',
          `  ssh -i ${sandbox.identityFile} -o UserKnownHostsFile=${sandbox.knownHostsFile} ` +
            `-p ${first.port} ${first.user}@${first.address} ls -la ${first.root}`,
          '',
        ]),
    'Ctrl-C stops them and removes everything.',
  ]
}
