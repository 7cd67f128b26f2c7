export interface SshdSettings {
  readonly address: string
  readonly port: number
  readonly hostKeyFile: string
  /** undefined: where sshd looks by itself, below the user's home. */
  readonly authorisedKeysFile: string | undefined
  /** Set in every session, after sshd's own; sshd_config(5), SetEnv. */
  readonly environment: Readonly<Record<string, string>>
  /** What a test wants otherwise, such as `{ MaxSessions: '1' }`. */
  readonly options: Readonly<Record<string, string>>
}

/** Writes an sshd_config(5). The first value of a keyword counts there, so the test's own options stand first. */
export function sshdConfig(settings: SshdSettings): string {
  const environment = Object.entries(settings.environment).map(([name, value]) => `${name}=${value}`)
  const lines: readonly (readonly [string, string])[] = [
    ...Object.entries(settings.options),
    ['ListenAddress', `${settings.address}:${settings.port}`],
    ['HostKey', settings.hostKeyFile],
    ['PidFile', 'none'],
    ['UsePAM', 'no'],
    ['UseDNS', 'no'],
    ['AuthenticationMethods', 'publickey'],
    ['PrintMotd', 'no'],
    ['PrintLastLog', 'no'],
    ...(settings.authorisedKeysFile === undefined
      ? []
      : // A directory below /tmp is writable by others somewhere above, which StrictModes refuses.
        ([
          ['AuthorizedKeysFile', settings.authorisedKeysFile],
          ['StrictModes', 'no'],
        ] as const)),
    ...(environment.length === 0 ? [] : ([['SetEnv', environment.join(' ')]] as const)),
  ]
  return lines.map(([keyword, value]) => `${keyword} ${value}\n`).join('')
}
