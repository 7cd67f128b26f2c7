import { readdir, realpath, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { makeDirectory } from '../../artifact/make-directory.ts'
import { StageError } from '../../model/stage-error.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { makeKeyPair } from './key-pair.ts'
import { removeTree } from './remove-tree.ts'
import { formatReach, reachOf, type SandboxConfig, type SandboxReach, wholeConfig } from './sandbox-config.ts'
import { type SandboxHost, startSandboxHost } from './ssh-host.ts'
import { killStrayProcesses } from './stray-processes.ts'

/** Throw-away SSH hosts on this machine, and what is needed to deploy to them. */
export interface Sandbox {
  readonly directory: string
  readonly hosts: readonly SandboxHost[]
  readonly identityFile: string
  readonly knownHostsFile: string
  /** The `ssh` and `hosts` of a configuration. */
  readonly reach: SandboxReach
  /** The same, to be pasted into a `stage.config.ts`. */
  readonly configText: string
  /** A whole configuration for a project: `staging` on the first host, `production` on all. */
  configFor(project: string): SandboxConfig
  /** Stops every host, with whatever runs there, and removes every file. Idempotent. */
  stop(): Promise<void>
}

export interface SandboxOptions {
  /** How many: web1, web2 and so on. */
  readonly hosts: number
  /** Where to put everything: an empty directory, or one to be made. By default a temporary one. */
  readonly directory?: string
  /** How long programs on a host may take to end by themselves when it stops; 10 s by default. */
  readonly patienceMs?: number
}

/** More would start, and nobody would read the configuration. */
const MOST_HOSTS = 50

/** @throws StageError 'usage' for a number of hosts that makes no sense, or a directory that is not empty */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  if (!Number.isInteger(options.hosts) || options.hosts < 1 || options.hosts > MOST_HOSTS) {
    throw new StageError('usage', `a sandbox of ${options.hosts} hosts cannot be started`, {
      hint: `give a whole number from 1 to ${MOST_HOSTS}`,
    })
  }
  const directory = await claimDirectory(options.directory)
  const client = makeKeyPair('sandbox')
  const identityFile = join(directory, 'id_ed25519')
  const knownHostsFile = join(directory, 'known_hosts')
  const hosts: SandboxHost[] = []
  const shutDown = () => tearDown(hosts, directory)
  try {
    await writeFile(identityFile, client.privateKey, { mode: 0o600 })
    const known: string[] = []
    for (let number = 1; number <= options.hosts; number += 1) {
      const name = `web${number}`
      const key = makeKeyPair(name)
      const host = await startSandboxHost({
        name,
        directory: join(directory, name),
        hostKey: key.privateKey,
        authorisedKey: client.publicLine,
        ...(options.patienceMs === undefined ? {} : { patienceMs: options.patienceMs }),
      })
      hosts.push(host)
      known.push(knownHostsLine(host, key.publicLine))
    }
    await writeFile(knownHostsFile, known.join(''))
  } catch (error) {
    await shutDown()
    throw error
  }
  return describe(directory, hosts, identityFile, knownHostsFile, shutDown)
}

async function claimDirectory(wanted: string | undefined): Promise<string> {
  if (wanted === undefined) return await realpath(await temporaryDirectory('stage-sandbox-'))
  await makeDirectory(wanted)
  if ((await readdir(wanted)).length > 0) {
    throw new StageError(
      'usage',
      `${wanted} is not empty, and a sandbox removes its directory when it stops`,
      {
        hint: 'name a directory that does not exist yet',
      },
    )
  }
  return await realpath(resolve(wanted))
}

/** sshd(8), SSH_KNOWN_HOSTS FILE FORMAT: an address with a port other than 22 stands in brackets. */
function knownHostsLine({ address, port }: SandboxHost, publicLine: string): string {
  const [type, key] = publicLine.split(' ')
  return `[${address}]:${port} ${type} ${key}\n`
}

async function tearDown(hosts: readonly SandboxHost[], directory: string): Promise<void> {
  await Promise.all(hosts.map(host => host.stop()))
  await killStrayProcesses(directory)
  await removeTree(directory)
}

function describe(
  directory: string,
  hosts: readonly SandboxHost[],
  identityFile: string,
  knownHostsFile: string,
  shutDown: () => Promise<void>,
): Sandbox {
  const reach = reachOf(hosts, identityFile, knownHostsFile)
  let stopped: Promise<void> | undefined
  return {
    ...{ directory, hosts, identityFile, knownHostsFile, reach },
    configText: formatReach(reach),
    configFor: project => wholeConfig(reach, project),
    stop: () => {
      stopped ??= shutDown()
      return stopped
    },
  }
}
