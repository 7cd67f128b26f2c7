import { readNamedInput, UnreadableFile } from '../artifact/plain-file.ts'
import { StageError } from '../model/stage-error.ts'
import type { Secret } from '../model/step.ts'
import { quote } from '../shell/quote.ts'
import { shownCommand } from '../shell/shown-command.ts'
import { type ProgramEnd, runToEnd } from '../transport/run-to-end.ts'
import { localPath, type PathBase } from './paths.ts'
import type { NeededSecret } from './resolve-secrets.ts'

/** Where the values of secrets come from. */
export interface SecretSources extends PathBase {
  /** Of the runner. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Runs a program on a host of the run. @returns what it printed; undefined: it failed, or the host was not reached */
  readonly onHost: (host: string, command: readonly string[]) => Promise<string | undefined>
  /** Is there somebody whom a program can ask? Default: nobody. */
  readonly hasTerminal?: boolean
  /** Aborted when nobody waits for them any more. */
  readonly signal: AbortSignal
}

/** The values of secrets, each looked up once however often it is asked for. */
export interface SecretValues {
  /**
   * Those that are needed, by name. An empty one counts as missing: that is how most runners of jobs hand out a secret
   * that they do not have.
   *
   * @throws StageError `config` naming every secret that cannot be had, or `interrupted`
   */
  resolve(needed: readonly NeededSecret[]): Promise<ReadonlyMap<string, string>>
}

/** How long a program may take: somebody may have to touch a key first. */
const COMMAND_LIMIT_MS = 60_000
/** One variable of a process has 128 KiB at most, its name included (execve(2), MAX_ARG_STRLEN). */
const LONGEST_BYTES = 120 * 1024

type Looked = { readonly value: string } | { readonly fault: string; readonly hint?: string }

/** Nothing is looked up before it is asked for. */
export function secretValues(sources: SecretSources): SecretValues {
  const seen = new Map<string, { readonly source: string; readonly looked: Promise<Looked> }>()
  const look = ({ secret }: NeededSecret): Promise<Looked> => {
    const source = JSON.stringify([secret.file, secret.command, secret.host])
    const known = seen.get(secret.secret)
    if (known?.source === source) return known.looked
    if (known !== undefined)
      return Promise.resolve({
        fault: 'is read from two different places',
        hint: 'write it the same everywhere',
      })
    const looked = lookUp(secret, sources)
    seen.set(secret.secret, { source, looked })
    return looked
  }
  return {
    resolve: async needed => {
      const all = await Promise.all(needed.map(async one => ({ ...one, looked: await look(one) })))
      if (sources.signal.aborted) throw new StageError('interrupted', 'the look-up of secrets was called off')
      const found = all.flatMap(({ secret, looked }) =>
        'value' in looked ? [[secret.secret, looked.value] as const] : [],
      )
      const faults = all.flatMap(({ secret, where, looked }) =>
        'value' in looked ? [] : [{ name: secret.secret, where, ...looked }],
      )
      if (faults.length > 0) throw missing(faults)
      return new Map(found)
    },
  }
}

interface Missing {
  readonly name: string
  readonly where: string
  readonly fault: string
  readonly hint?: string
}

function missing(faults: readonly Missing[]): StageError {
  const count = new Set(faults.map(({ name }) => name)).size
  const problems = faults.map(({ name, where, fault, hint }) => ({
    code: 'missing-secret',
    where,
    message: `the secret ${name} ${fault}`,
    hint,
    severity: 'error' as const,
  }))
  const unset = faults.some(({ hint }) => hint === undefined)
  return new StageError('config', count === 1 ? 'a secret is missing' : `${count} secrets are missing`, {
    ...(unset ? { hint: 'set them in the environment of this command' } : {}),
    problems,
  })
}

async function lookUp(secret: Secret, sources: SecretSources): Promise<Looked> {
  if (secret.file !== undefined) return fromFile(localPath(secret.file, sources), sources.signal)
  if (secret.host !== undefined) return fromHost(secret.host, secret.command, sources)
  if (secret.command !== undefined) return fromCommand(secret.command, sources)
  const value = sources.environment[secret.secret]
  if (value === undefined) return { fault: 'is not set' }
  return value === '' ? { fault: 'is empty' } : { value }
}

/** A pipe too: `/dev/fd/3` keeps a value out of every file. */
async function fromFile(path: string, signal: AbortSignal): Promise<Looked> {
  const hint = `it is read from ${path}`
  try {
    return valueIn(await readNamedInput(path, LONGEST_BYTES, signal), hint)
  } catch (error) {
    if (error instanceof UnreadableFile) return { fault: `cannot be had: its file ${error.why}`, hint }
    if (error instanceof StageError) return { fault: 'cannot be had: its file was not read to its end', hint }
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    const why = code === 'ENOENT' ? 'its file is not there' : `its file cannot be read (${code})`
    return { fault: `cannot be had: ${why}`, hint }
  }
}

/** Why it failed is not shown: what a host says of a program is what the program said. */
async function fromHost(host: string, command: readonly string[], sources: SecretSources): Promise<Looked> {
  const hint = `it is read on ${host}`
  const printed = await sources.onHost(host, command)
  if (printed === undefined) return { fault: `cannot be had: its command failed on ${host}`, hint }
  return valueIn(Buffer.from(printed), hint)
}

/** Nothing that it prints is ever shown: on either stream there may be a part of the value. */
async function fromCommand(command: readonly string[], sources: SecretSources): Promise<Looked> {
  const hint = `run it by hand, in ${sources.directory}: ${shownCommand(command, quote)}`
  const end = await runToEnd({
    argv: command,
    cwd: sources.directory,
    env: sources.environment,
    limitMs: COMMAND_LIMIT_MS,
    maxBytes: 2 * LONGEST_BYTES,
    signal: sources.signal,
    asksOnTerminal: sources.hasTerminal === true,
  })
  if (end.kind === 'exited' && end.code === 0) return valueIn(end.stdout, hint)
  return { fault: `cannot be had: its command ${how(end)}`, hint }
}

function how(end: ProgramEnd): string {
  switch (end.kind) {
    case 'exited':
      return `ended with ${end.code}`
    case 'signalled':
      return `was killed by ${end.signal}`
    case 'unstarted':
      return end.code === 'ENOENT' ? 'is not there' : `could not be started (${end.code})`
    case 'stopped':
      return end.because === 'output' ? 'prints too much' : `was stopped after ${COMMAND_LIMIT_MS / 1000} s`
  }
}

/** Without the one line end that editors and programs put behind a value. */
function valueIn(bytes: Buffer, hint: string): Looked {
  if (bytes.length > LONGEST_BYTES)
    return { fault: `has ${bytes.length} bytes, no variable can take them`, hint }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return { fault: 'is not UTF-8 text, and no variable can take it', hint }
  }
  const value = text.replace(/\r?\n$/, '')
  if (value.includes('\0')) return { fault: 'has a NUL byte, and no variable can take it', hint }
  return value === '' ? { fault: 'is empty', hint } : { value }
}
