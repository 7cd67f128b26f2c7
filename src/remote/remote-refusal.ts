import type { RefusalCode, RequestName } from './messages.ts'

/**
 * The remote end understood a request and did not do it, or failed in it. The connection is as good as before.
 * `code` is for code, the message for people; `detail` is what the host said beyond that.
 */
export class RemoteRefusal extends Error {
  readonly code: RefusalCode
  readonly host: string
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
    super(`${host}: ${refused.message}`)
    this.name = 'RemoteRefusal'
    this.code = refused.code
    this.host = host
    this.request = request
    this.detail = refused.detail
  }
}
