/**
 * One reason not to start, found before any host was touched. All of them are collected and shown together.
 *
 * `where` is the path to it: `stages.production.hosts[1]` in a configuration, `web1` or `web1: link` on a host.
 */
export interface Problem {
  readonly code: string
  readonly where: string
  readonly message: string
  readonly hint: string | undefined
  /** A warning is shown and does not stop the run. */
  readonly severity: 'error' | 'warning'
}
