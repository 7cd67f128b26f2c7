import { spawn } from 'node:child_process'
import { realpath } from 'node:fs/promises'
import { devNull } from 'node:os'
import { text } from 'node:stream/consumers'
import { openPlainFile, UnreadableFile } from '../artifact/plain-file.ts'
import { StageError } from '../model/stage-error.ts'
import { printable } from '../shell/printable.ts'
import type { Destination } from './channel.ts'
import { interruption, requireNotAborted } from './deadline.ts'
import { killedWithUs, tryToKill } from './no-survivors.ts'

/** ssh's own spelling of every setting, by lower-case keyword; one that may be given several times has several. */
export type SshConfig = ReadonlyMap<string, readonly string[]>

interface QueryDeps {
  readonly env: NodeJS.ProcessEnv
}

/**
 * Asks the system's ssh what its configuration says about a destination, without connecting (`ssh -G`, about 10 ms).
 * Only ssh itself reads Include, Match and tokens right.
 *
 * @returns an empty configuration where there is no ssh program
 * @throws StageError `config` with ssh's own words when it refuses its configuration, or takes longer than the
 *   connect timeout (`Match exec` runs programs)
 */
export async function askSshConfig(
  destination: Destination,
  deps: QueryDeps,
  signal: AbortSignal | undefined,
): Promise<SshConfig> {
  await requirePlain(destination)
  const answer = await run(queryArguments(destination), destination, deps, signal)
  if (answer === undefined && destination.configFile !== undefined) {
    throw new StageError('config', `${destination.configFile} needs ssh to be read`, {
      host: destination.host,
      hint: 'install the OpenSSH client (Debian: openssh-client)',
    })
  }
  return parseSshConfig(answer ?? '')
}

/** ssh would wait for a pipe, and read a device, until its time is up. Anything else it says itself. */
async function requirePlain({ configFile, host }: Destination): Promise<void> {
  if (configFile === undefined || (await isNull(configFile))) return
  try {
    await (await openPlainFile(configFile)).close()
  } catch (error) {
    if (error instanceof UnreadableFile)
      throw new StageError('config', `the configuration of ssh cannot be read: ${error.message}`, {
        ...{ host, cause: error },
      })
  }
}

/** `/dev/null` is how ssh is told to read no configuration. */
const isNull = async (file: string): Promise<boolean> =>
  (await realpath(file).catch(() => undefined)) === devNull

/** The arguments that make ssh print what it would do for a destination. */
export function queryArguments({ configFile, user, port, jump, address }: Destination): readonly string[] {
  return [
    '-TG',
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(jump === undefined ? [] : ['-J', jump]),
    ...['--', address],
  ]
}

/** Reads the output of `ssh -G`: one `keyword value` a line, a keyword again for each further value. */
export function parseSshConfig(output: string): SshConfig {
  const config = new Map<string, string[]>()
  for (const line of output.split('\n')) {
    const [, keyword, value] = /^(\w+) (.*)$/.exec(line) ?? []
    if (keyword === undefined || value === undefined) continue
    const values = config.get(keyword.toLowerCase())
    if (values === undefined) config.set(keyword.toLowerCase(), [value])
    else values.push(value)
  }
  return config
}

async function run(
  argv: readonly string[],
  destination: Destination,
  deps: QueryDeps,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  requireNotAborted(signal)
  // `Match exec` runs programs of its own, which are ended with it.
  const child = spawn('ssh', argv, { env: deps.env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  killedWithUs(child, { group: true })
  const stop = () => {
    if (child.pid !== undefined) tryToKill(-child.pid, 'SIGKILL')
  }
  const late = setTimeout(stop, destination.connectTimeoutMs)
  signal?.addEventListener('abort', stop, { once: true })
  const ended = new Promise<number | null>((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  )
  try {
    const [output, complaint, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
    if (code === 0) return output
    if (signal?.aborted === true) throw interruption(signal)
    const words =
      code === null ? 'it takes too long' : complaint.trim().split(/\r?\n/).map(printable).join('; ')
    throw new StageError('config', `ssh refuses its configuration: ${words || `status ${code}`}`, {
      host: destination.host,
      hint: 'try `ssh -G` with the same host; the configuration is ~/.ssh/config or the configFile that is set',
    })
  } catch (error) {
    if (signal?.aborted === true) throw interruption(signal)
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  } finally {
    clearTimeout(late)
    signal?.removeEventListener('abort', stop)
  }
}
