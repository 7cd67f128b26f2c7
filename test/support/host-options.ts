/** What one host of a fleet may have otherwise than the rest. */
export interface HostOptions {
  /** sshd_config(5) keywords, such as `{ MaxSessions: '1', Banner: '/etc/banner' }`. */
  readonly sshdOptions?: Readonly<Record<string, string>>
  /** The login shell of the user, an absolute path. Namespaces only. */
  readonly shell?: string
  /** Puts the root on a file system of this size, so that it can be filled. Namespaces only. */
  readonly diskMiB?: number
}

/** What every host of a fleet shares. */
export interface HostSetting {
  readonly name: string
  /** Where the host keeps its files, an empty directory of its own outside. */
  readonly directory: string
  /** The public line that may log in. */
  readonly authorisedKey: string
  readonly options: HostOptions
}
