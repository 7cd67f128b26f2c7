import type { ParsedKey } from 'ssh2'
import { StageError } from '../model/stage-error.ts'
import { listAgentKeys } from './agent.ts'
import { type Identities, identitiesOf, type KeyOffer, type LockedKey } from './identities.ts'
import { readKeyFile, unlockKey } from './key-file.ts'
import type { SshRoute } from './ssh-route.ts'

/** The keys of this process: every file is read once, every passphrase asked for once, however many hosts need it. */
export interface IdentityStore {
  /** @throws StageError `config` when `identityFile` names no file */
  identitiesFor(host: string, identityFile: string | undefined, route: SshRoute): Promise<Identities>
  /** Asks for the passphrase of an encrypted key. @returns undefined when nobody gave the right one */
  unlock(locked: LockedKey): Promise<KeyOffer | undefined>
}

export interface IdentityDeps {
  /** @returns undefined where nobody can be asked */
  readonly askPassphrase: (keyFile: string) => Promise<string | undefined>
}

/** How often a person may mistype (ssh_config(5), NumberOfPasswordPrompts). */
const PASSPHRASE_ATTEMPTS = 3

export function createIdentityStore({ askPassphrase }: IdentityDeps): IdentityStore {
  const keyFile = remembered(readKeyFile)
  const agentKeys = remembered((socketPath: string) =>
    listAgentKeys(socketPath).catch((error: Error) => error),
  )
  // One question at a time: two prompts would mix on a terminal.
  let lastQuestion: Promise<unknown> = Promise.resolve()
  const unlocked = remembered((path: string, text = '') => {
    const mine = lastQuestion.then(() => askUntilRight(path, text, askPassphrase))
    lastQuestion = mine.catch(() => undefined)
    return mine
  })
  return {
    async identitiesFor(host, identityFile, route) {
      const paths = [
        ...new Set([...(identityFile === undefined ? [] : [identityFile]), ...route.identityFiles]),
      ]
      const files = await Promise.all(paths.map(path => keyFile(path)))
      const first = identityFile === undefined ? undefined : files[0]
      if (first?.kind === 'missing') {
        throw new StageError('config', `the key ${first.path} does not exist`, {
          host,
          hint: 'identityFile is the path of a private key',
        })
      }
      const socketPath = route.agent
      return identitiesOf({
        ...{ first, files, filesAreNamed: route.identityFilesAreNamed, identitiesOnly: route.identitiesOnly },
        agent: socketPath === undefined ? undefined : { socketPath, keys: await agentKeys(socketPath) },
      })
    },
    async unlock({ path, text }) {
      const key = await unlocked(path, text)
      return key === undefined ? undefined : { kind: 'file', label: path, publicKey: key.getPublicSSH(), key }
    },
  }
}

type Read<Result> = (key: string, detail?: string) => Promise<Result>

function remembered<Result>(read: Read<Result>): Read<Result> {
  const known = new Map<string, Promise<Result>>()
  return (key, detail) => {
    const answer = known.get(key) ?? read(key, detail)
    known.set(key, answer)
    return answer
  }
}

async function askUntilRight(
  path: string,
  text: string,
  ask: IdentityDeps['askPassphrase'],
): Promise<ParsedKey | undefined> {
  for (let attempt = 0; attempt < PASSPHRASE_ATTEMPTS; attempt++) {
    const passphrase = await ask(path)
    if (passphrase === undefined) return undefined
    const key = unlockKey(text, passphrase)
    if (key !== undefined) return key
  }
  return undefined
}
