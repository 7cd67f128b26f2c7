import { type HostEffect, type HostInput, type HostMove, type HostState, hostMove } from './host-table.ts'

/** What of a host anybody can see, and where its remote end is in the table of `switch.py`. */
export interface HostDisk {
  readonly link: 'old' | 'new'
  /** `stuck`: open, with the line that to put it back was tried and failed. */
  readonly record: 'none' | 'open' | 'stuck' | 'kept' | 'put-back'
  readonly end: HostState | 'gone'
}

export interface Taken<Host> {
  readonly host: Host
  readonly ok: boolean
}

/**
 * Every way in which a remote end may take an input, by the table that it is run by. None: it is refused. What `effects.py` does for an
 * effect is followed here as far as others can see it; its own tests run it on real files.
 */
export function take<Host extends HostDisk>(host: Host, input: HostInput): readonly Taken<Host>[] {
  const move = host.end === 'gone' ? undefined : hostMove(host.end, input)
  if (move === undefined) return []
  const done = { host: { ...move.effects.reduce(carryOut, host), end: move.well }, ok: true }
  return mayFail(host, move) ? [done, ...failures(host, move)] : [done]
}

/** A link that is back already needs no rename. */
const mayFail = ({ link }: HostDisk, { canFail, effects }: HostMove): boolean =>
  canFail && (effects[0] !== 'rename-back' || link === 'new')

/** The line that says so may not find room either. */
function failures<Host extends HostDisk>(host: Host, { ifFailed, badly }: HostMove): readonly Taken<Host>[] {
  const unsaid = { ...host, end: badly }
  const said = ifFailed.reduce(carryOut, unsaid)
  const ends = said.record === unsaid.record ? [unsaid] : [said, unsaid]
  return ends.map(end => ({ host: end, ok: false }))
}

function carryOut<Host extends HostDisk>(host: Host, effect: HostEffect): Host {
  switch (effect) {
    case 'prepare':
      return { ...host, record: 'open' }
    case 'rename':
      return { ...host, link: 'new' }
    case 'rename-back':
      return { ...host, link: 'old' }
    case 'record-kept':
      return { ...host, record: 'kept' }
    case 'record-put-back':
      return { ...host, record: 'put-back' }
    case 'record-put-back-failed':
      return { ...host, record: 'stuck' }
    // Of prepared links, of the delay and of undo nobody asks here.
    case 'find':
    case 'wait':
    case 'stop-waiting':
    case 'remove-links':
    case 'forget-undo':
    case 'record-fired':
    case 'record-undo':
      return host
  }
}
