import type { HostOptions } from '../host-options.ts'
import type { Suite } from './base.ts'

/** What a host that boots may have otherwise than the rest; of the options of every host, all but none. */
export interface BootedOptions extends HostOptions {
  /** Default: bookworm. */
  readonly suite?: Suite
  /** More Debian packages, such as `python3-django`. Kept in the cache for the next time. */
  readonly packages?: readonly string[]
  /** What sudoers(5) lets the account do, such as `ALL=(root) NOPASSWD: ALL`. Default: nothing. */
  readonly sudo?: string
  /** Another account, which services may run as. */
  readonly serviceUser?: string
  /** Options of the file system at /tmp, such as `size=16m,noexec`. Default: as systemd mounts it. */
  readonly tmp?: string
  /** Whether the host reaches what this machine reaches, such as a package index. Default: nothing but this machine. */
  readonly wayOut?: boolean
}

/** Lets the account do everything as root without a password, as many deploy accounts may. */
export const SUDO_ALL = 'ALL=(root) NOPASSWD: ALL'
