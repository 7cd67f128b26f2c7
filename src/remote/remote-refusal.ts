import { StageError, type StageErrorCode } from '../model/stage-error.ts'
import { printable } from '../shell/printable.ts'
import type { RefusalCode, RequestName } from './messages.ts'

/**
 * The remote end understood a request and did not do it, or failed in it. The connection is as good as before.
 * `refusal` says why, for code; the message is for people; `detail` is what the host said beyond that.
 */
export class RemoteRefusal extends StageError {
  readonly refusal: RefusalCode
  readonly request: RequestName
  readonly detail: Readonly<Record<string, unknown>>

  constructor(
    host: string,
    request: RequestName,
    refused: {
      readonly code: RefusalCode
      readonly message: string
      readonly detail: Readonly<Record<string, unknown>>
    },
  ) {
    super(commandEnds[refused.code] ?? 'refused', printable(refused.message), { host })
    this.name = 'RemoteRefusal'
    this.refusal = refused.code
    this.request = request
    this.detail = refused.detail
  }
}

/** What a refusal is to the command, if nobody makes anything else of it: a plain `refused` but for these. */
const commandEnds: Partial<Record<RefusalCode, StageErrorCode>> = {
  locked: 'locked',
  cancelled: 'interrupted',
  invalid: 'remote-end',
  'not-open': 'remote-end',
  closing: 'remote-end',
  internal: 'remote-end',
}
