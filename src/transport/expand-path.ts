import { homedir, userInfo } from 'node:os'

/** What a `%` and one letter stand for (ssh_config(5), TOKENS). */
export type PathTokens = ReadonlyMap<string, string>

/** The home directory as OpenSSH sees it: the one of the password database, whatever HOME says. */
export function homeDirectory(): string {
  try {
    return userInfo().homedir
  } catch {
    return homedir()
  }
}

/** Expands a path of ssh_config(5): a leading `~/`, `%` tokens and `${VARIABLE}`. What is unknown stays. */
export function expandPath(path: string, tokens: PathTokens, env: NodeJS.ProcessEnv): string {
  return path
    .replace(/^~(?=\/|$)/, () => homeDirectory())
    .replace(/%(.)|\$\{(\w+)\}/g, (whole, token: string | undefined, variable: string | undefined) => {
      if (token !== undefined) return tokens.get(token) ?? whole
      return (variable === undefined ? undefined : env[variable]) ?? whole
    })
}
