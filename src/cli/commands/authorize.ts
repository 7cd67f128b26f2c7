import { resolve } from 'node:path'
import { authorize } from '../../apply/authorize.ts'
import { readNamedInput } from '../../artifact/plain-file.ts'
import { resolveTarget } from '../../config/resolve-target.ts'
import type { HostAuthorization } from '../../model/authorization.ts'
import type { StageName } from '../../model/names.ts'
import { type ExitCode, exitCodes } from '../../model/outcome.ts'
import { StageError } from '../../model/stage-error.ts'
import type { Host, Target } from '../../model/target.ts'
import { authorizationAsJson, authorizationTable } from '../../report/authorization-table.ts'
import { linesOnScreen } from '../../report/on-screen.ts'
import { createPaint } from '../../report/paint.ts'
import { jsonText } from '../../report/wire.ts'
import { findPrivateKey } from '../../transport/find-private-key.ts'
import { fingerprint } from '../../transport/host-key-check.ts'
import { KEY_BYTES } from '../../transport/key-file.ts'
import { type PublicKey, readPublicKeyText } from '../../transport/public-key.ts'
import { type HostFlags, hostFilter } from '../flags.ts'
import { logInForKeys } from '../log-in-for-keys.ts'
import { readConfiguration } from '../read-configuration.ts'
import { runIdentity } from '../run-identity.ts'
import type { Command } from '../run-on-stage.ts'
import { openSession, type Session } from '../session.ts'
import { columnsOf, type Surroundings, wantsColour } from '../surroundings.ts'
import { unreachedProblems } from '../unreached.ts'

export interface AuthorizeFlags extends HostFlags {
  readonly key: string
  readonly revoke?: boolean
}

/**
 * `deploy authorize STAGE --key FILE.pub [--revoke]`. Nothing is changed anywhere before every host was logged in to. 0: it is so
 * on all; 3: a host could not be reached or did not let us in; 8: on some it could not be done, or the key does not open them.
 */
export async function authorizeStage(
  command: Command,
  stage: StageName,
  flags: AuthorizeFlags,
): Promise<ExitCode> {
  const { around, interrupts } = command
  const publicKey = await readKey(command, flags.key)
  const target = resolveTarget(await readConfiguration(command, flags), stage, hostFilter(flags))
  requireNodeSsh(target.hosts)
  const { interrupted: signal } = interrupts
  const session = openSession(target, runIdentity(around), around, {
    ...{ emit: () => undefined, interrupts, leavesAtOnce: true },
  })
  try {
    const { connected, unreached } = await logInForKeys(command, session, target, {
      ...{ publicKey: publicKey.blob, revoke: flags.revoke === true },
    })
    if (signal.aborted) throw new StageError('interrupted', 'Interrupted. Nothing was touched.')
    if (unreached.length > 0)
      throw new StageError('refused', 'not every host lets us in; nothing was changed on any', {
        problems: unreachedProblems(unreached),
      })
    const ends = new Map([...connected].map(([name, { end }]) => [name, end]))
    const prove = await prover(around, session, target, { publicKey, file: resolve(around.cwd, flags.key) })
    const { type, blob, comment } = publicKey
    const change = { type, blob: blob.toString('base64'), comment, revoke: flags.revoke === true }
    return await interrupts.changingHosts(async () => {
      const hosts = await authorize(change, ends, { parallel: target.parallel, signal, prove })
      print(around, flags, { stage, publicKey, hosts })
      if (hosts.every(({ error }) => error === undefined)) return exitCodes.done
      return signal.aborted ? exitCodes.interrupted : exitCodes.drift
    })
  } finally {
    await session.close()
  }
}

async function readKey({ around, interrupts }: Command, file: string): Promise<PublicKey> {
  const path = resolve(around.cwd, file)
  const bytes = await readNamedInput(path, KEY_BYTES, interrupts.interrupted).catch((error: Error) => {
    if (error instanceof StageError) throw error
    throw new StageError('usage', `the key cannot be read: ${error.message}`, { cause: error })
  })
  const key = readPublicKeyText(bytes.toString('utf8'))
  if (typeof key !== 'string') return key
  throw new StageError('usage', `${file} ${key}`, {
    hint: '--key names a public key, such as ~/.ssh/id_ed25519.pub',
  })
}

/** Only of a login of our own is it known which key opened it, and only there can a password be given. */
function requireNodeSsh(hosts: readonly Host[]): void {
  const others = hosts.filter(({ client }) => client !== 'node-ssh')
  if (others.length === 0) return
  const names = others.map(({ name, client }) => `${name} (${client})`).join(', ')
  throw new StageError(
    'config',
    `keys are put only on hosts that are reached with client: 'node-ssh'; not so: ${names}`,
    {
      hint: 'leave them out: --except',
    },
  )
}

/** How the new login is proven; undefined where the private part of the key is not here. */
async function prover(
  around: Surroundings,
  session: Session,
  target: Target,
  { publicKey, file }: { readonly publicKey: PublicKey; readonly file: string },
) {
  const found = await findPrivateKey(publicKey.blob, file, around.env['SSH_AUTH_SOCK'])
  if (found === undefined) return undefined
  return async (name: string): Promise<string | undefined> => {
    const hosts = target.hosts.filter(host => host.name === name)
    const own = hosts.map(host => (found.kind === 'file' ? { ...host, identityFile: found.path } : host))
    const { unreached } = await session.connect(own, { kind: 'only', publicKey: publicKey.blob })
    return unreached[0]?.reason
  }
}

function print(
  around: Surroundings,
  flags: AuthorizeFlags,
  done: {
    readonly stage: StageName
    readonly publicKey: PublicKey
    readonly hosts: readonly HostAuthorization[]
  },
): void {
  const { stdout, env } = around
  const { type, blob, comment } = done.publicKey
  const key = { type, fingerprint: fingerprint(blob), comment }
  const paint = createPaint({ colour: wantsColour(stdout, env, flags.color) })
  const text =
    flags.json === true
      ? jsonText(authorizationAsJson(done.stage, key, done.hosts))
      : authorizationTable(done.hosts, { columns: columnsOf(stdout), paint })
  stdout.write(`${linesOnScreen(text)}\n`)
}
