import { connect } from 'node:net'
import ssh2, { type ParsedKey } from 'ssh2'
import { keyType } from './known-hosts.ts'

// ssh2 is CommonJS without named exports that Node could see.
const { OpenSSHAgent, utils } = ssh2

/** One key that an agent holds. */
export interface AgentKey {
  readonly publicKey: Buffer
  readonly comment: string
  readonly type: string
  /** undefined: ssh2 cannot use keys of this type (certificates, security keys). */
  readonly key: ParsedKey | undefined
}

/** SSH_AGENTC_REQUEST_IDENTITIES and SSH_AGENT_IDENTITIES_ANSWER (draft-ietf-sshm-ssh-agent). */
const REQUEST_IDENTITIES = 11
const IDENTITIES_ANSWER = 12
/** An agent answers from memory; one that asks its user does so for signatures only. */
const ANSWER_TIMEOUT_MS = 5_000
/** OpenSSH's own bound of a message (authfd.c, MAX_AGENT_REPLY_LEN). */
const LONGEST_ANSWER = 256 * 1024

/**
 * Lists the keys of an agent, those that ssh2 would silently pass over included.
 *
 * @throws when nobody answers at the socket
 */
export function listAgentKeys(socketPath: string): Promise<readonly AgentKey[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath)
    const fail = (reason: string) => {
      socket.destroy()
      reject(new Error(reason))
    }
    let heard = Buffer.alloc(0)
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => fail('it does not answer'))
    socket.on('error', error => fail(error.message))
    socket.on('close', () => fail('it closed the connection'))
    socket.on('data', chunk => {
      heard = Buffer.concat([heard, chunk])
      const length = heard.length < 4 ? undefined : heard.readUInt32BE(0)
      if (length === undefined || (length <= LONGEST_ANSWER && heard.length < 4 + length)) return
      const keys = length > LONGEST_ANSWER ? undefined : parseAnswer(heard.subarray(4, 4 + length))
      if (keys === undefined) return fail('it gave no list of keys')
      resolve(keys)
      socket.destroy()
    })
    socket.write(Buffer.from([0, 0, 0, 1, REQUEST_IDENTITIES]))
  })
}

function parseAnswer(answer: Buffer): readonly AgentKey[] | undefined {
  if (answer.length < 5 || answer[0] !== IDENTITIES_ANSWER) return undefined
  const count = answer.readUInt32BE(1)
  let at = 5
  const field = () => {
    if (at + 4 > answer.length) return undefined
    const end = at + 4 + answer.readUInt32BE(at)
    if (end > answer.length) return undefined
    const value = answer.subarray(at + 4, end)
    at = end
    return value
  }
  const keys: AgentKey[] = []
  for (let index = 0; index < count; index++) {
    const publicKey = field()
    const comment = field()
    if (publicKey === undefined || comment === undefined) return undefined
    const parsed = utils.parseKey(publicKey)
    keys.push({
      publicKey,
      comment: comment.toString(),
      type: keyType(publicKey) ?? 'unknown',
      key: parsed instanceof Error ? undefined : parsed,
    })
  }
  return keys
}

/** An agent that offers one key only, so that the order of keys and their number are ours. */
export class OneKeyAgent extends OpenSSHAgent {
  readonly #key: ParsedKey

  constructor(socketPath: string, key: ParsedKey) {
    super(socketPath)
    this.#key = key
  }

  override getIdentities(callback: (error: Error | undefined, keys?: ParsedKey[]) => void): void {
    callback(undefined, [this.#key])
  }
}
