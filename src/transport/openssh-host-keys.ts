import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ownTemporaryDirectory, whoWeAre } from '../artifact/own-directory.ts'
import { StageError } from '../model/stage-error.ts'
import { killGroup } from './child-program.ts'
import type { HostKeyGuard } from './host-key-guard.ts'
import type { OpensshCall } from './openssh-arguments.ts'
import type { OpensshCalls, OpensshLogin } from './openssh-login.ts'
import { readReport } from './openssh-report.ts'
import { type HostKeyRecorder, knownHostsLine } from './record-host-key.ts'

/** One server on the way, as ssh is called for it, and what judges its key. */
export interface GuardedCall {
  readonly call: OpensshCall
  readonly guard: HostKeyGuard
}

/** In the order in which the servers are met; the destination is the last. */
export type GuardedWay = readonly [GuardedCall, ...(readonly GuardedCall[])]

/** ssh's last word when it trusts no key of a server (sshconnect2.c). */
const REFUSED = /^Host key verification failed/

export function callsOf([first, ...more]: GuardedWay): OpensshCalls {
  return [first.call, ...more.map(({ call }) => call)]
}

/**
 * Judges the keys that the servers presented, whether or not ssh has logged in: what ssh lets pass must be what every
 * client lets pass. The keys of servers that have logged us in are proven, and recorded where they are new. (Of a host
 * certificate ssh alone is the judge, by the authorities in the same files.)
 *
 * @throws StageError `host-key-…`, or why a new key is not recorded; ssh is ended then
 */
export async function judgeKeys(
  way: GuardedWay,
  login: OpensshLogin,
  recorder: HostKeyRecorder,
): Promise<void> {
  const marks = callsOf(way).map(call => call.marks)
  const { hostKeys, certified, words } = readReport(login.said, marks)
  // Of a certificate nothing else tells whether ssh refused it, or the server refused the login after it. Those of the
  // servers that led on to another one it has trusted.
  const isRefused = login.kind === 'out' && words.some(line => REFUSED.test(line))
  const lastMet = marks.findLast(({ hostKey }) => hostKeys.has(hostKey) || certified.has(hostKey))
  try {
    for (const { call, guard } of way) {
      const { hostKey: mark } = call.marks
      const blob =
        hostKeys.get(mark) ?? (isRefused && call.marks === lastMet ? certified.get(mark) : undefined)
      const refusal = blob === undefined ? undefined : guard.refuse(blob)
      if (refusal !== undefined) throw refusal
    }
    if (login.kind === 'in') for (const { guard } of way) await guard.record(recorder)
  } catch (error) {
    if (login.kind === 'in') killGroup(login.child)
    throw error
  }
}

/**
 * Logs in to servers that nobody knows yet, by the very keys that they have presented, and starts nothing there: so
 * they prove that these are theirs, and that is when they are recorded. ssh would record a key before its proof, and
 * accept it although it could not be recorded.
 *
 * @param refused ssh's refusal of a key that may be accepted
 * @param logIn logs in, judges, and records
 * @returns `in` when all are proven and recorded; ssh has been ended then. `out`: the last failure
 */
export async function meetNewHosts(
  way: GuardedWay,
  refused: OpensshLogin,
  logIn: (way: GuardedWay) => Promise<OpensshLogin>,
): Promise<OpensshLogin> {
  const directory = await placeForKeys()
  try {
    let login = refused
    let tried = 0
    // Behind each new jump host there may be another one.
    for (let met = countNew(way); login.kind === 'out' && !login.late && met > tried; met = countNew(way)) {
      tried = met
      login = await logIn(await knowing(way, directory))
    }
    if (login.kind === 'in') killGroup(login.child)
    return login
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Whoever could write there could have ssh trust a key of theirs. */
async function placeForKeys(): Promise<string> {
  try {
    return await ownTemporaryDirectory('stage-deploy-', whoWeAre(process.env))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new StageError('config', `no temporary directory can be made for new host keys: ${why}`, {
      ...{ hint: 'name a directory that can be written, and not by others: TMPDIR', cause: error },
    })
  }
}

const countNew = (way: GuardedWay) => way.filter(({ guard }) => guard.unrecorded() !== undefined).length

/** The same way with the new keys among what ssh trusts, in files that nothing else looks into. */
async function knowing([first, ...more]: GuardedWay, directory: string): Promise<GuardedWay> {
  const known = async ({ call, guard }: GuardedCall, index: number): Promise<GuardedCall> => {
    const key = guard.unrecorded()
    if (key === undefined) return { call, guard }
    const file = join(directory, `${index}`)
    await writeFile(file, `${knownHostsLine({ ...key, hashed: false })}\n`)
    return { guard, call: { ...call, knownHosts: [...call.knownHosts, file] } }
  }
  return [await known(first, 0), ...(await Promise.all(more.map((one, index) => known(one, index + 1))))]
}
