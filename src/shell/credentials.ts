/** What stands in the place of a password. */
export const HIDDEN = '[hidden]'

/** Names that a password goes by, as a part of longer ones: `DB_PASSWORD`, `apiTokenOld`. */
const name =
  '(?:passw(?:or)?d|pwd|passphrase|secret|token|credential|api[_-]?key|access[_-]?key|private[_-]?key|(?<![A-Za-z])pass(?![A-Za-z]))'

const passwordName = new RegExp(name, 'i')

/** Does a variable, a key or an option of this name have a password? Rather too many are said to than too few. */
export const isPasswordName = (text: string): boolean => passwordName.test(text)

/** With a bound on what follows, so that a long line costs no more than its length. */
const named = `${name}[\\w.-]{0,40}`
/** Between a name and its value: `: `, `=`, `": `. */
const assigned = `['"]?[ \\t]{0,9}[:=][ \\t]{0,9}`
/** A text in quotes, as far as its line goes. Each character can be read in one way only, and the end is always found. */
const inQuotes = String.raw`'(?:[^'\\\n]|\\.)*|"(?:[^"\\\n]|\\.)*|${'`'}(?:[^${'`'}\\]|\\[\s\S])*`

/** `password: 'x'`, `"API_TOKEN": "x"`, `--token="x y"`; the end of the quotes stays. */
const quoted = new RegExp(`(?<before>${named}${assigned}(?=['"\`]))(?<value>${inQuotes})`, 'gi')

/**
 * The same without quotes, as in YAML, in a shell, in a query. What calls a function, or names a variable, is code; and
 * "expected" is the beginning of our own sentences.
 */
const bare = new RegExp(
  String.raw`(?<before>${named}${assigned})(?![\w.]{1,99}\(|process\.|\$|\[secret |expected )(?<value>[^\s'"${'`'}]\S*)`,
  'gi',
)

/** `--password x`: an option and, as a word of its own, what it is given. */
const option = new RegExp(
  String.raw`(?<before>(?<![\w-])--?[\w-]{0,40}?${named}[ \t]{1,9})(?<value>${inQuotes}|[^\s'"${'`'}-]\S*)`,
  'gi',
)

/** `-u name:password`, of curl and those who do as it does. */
const userOption =
  /(?<before>(?<![\w-])(?:-[uU][ \t]{0,9}|--(?:proxy-)?user[= \t][ \t]{0,9})['"]?[^\s:'"]{1,99}:)(?<value>[^\s'"]+)/g

/** `Authorization: Bearer x`, `Cookie: x`: the whole of it. */
const header =
  /(?<before>(?<![A-Za-z])(?:(?:proxy-)?authorization|(?:set-)?cookie)['"]?[ \t]{0,9}[:=][ \t]{0,9}['"`]?)(?<value>[^\s'"`][^'"`\n]*)/gi

/** In this order: what the first ones have hidden, the others leave as it is. */
const patterns = [header, quoted, userOption, option, bare]

/**
 * A text as it may be shown, where it comes from a configuration or from an argument: what stands in the place of a password
 * is replaced. Rather too much is hidden than too little. A text of any length costs no more than its length.
 */
export function withoutCredentials(text: string): string {
  const withoutUsers = hideUserinfo(text, unheard)
  return patterns.reduce((rest, pattern) => hideValues(rest, pattern, unheard), withoutUsers)
}

/** What `withoutCredentials` would hide in a text: to find it again where somebody wrote it by itself. */
export function credentialsIn(text: string): readonly string[] {
  const found = new Set<string>()
  const keep = (value: string): void => {
    // Of `name:password` the password alone may stand somewhere else.
    for (const part of [value, value.slice(value.indexOf(':') + 1)])
      if (part.length >= SHORTEST) found.add(part)
  }
  hideUserinfo(text, keep)
  for (const pattern of patterns) hideValues(text, pattern, keep)
  return [...found].toSorted((a, b) => b.length - a.length)
}

/** Before the last `@` of a URL's authority, behind what looks like a port, or before a host without a scheme. */
const userInfo = new RegExp(
  [
    String.raw`:\/\/(?:[^/?#\s"]*@|[^/?#\s"@[]*:(?!\d+(?:[/?#\s"]|$))[^\s"]*@)`,
    String.raw`(?<=^|[\s="])[^\s/:@="[]+:[^\s/:@"]+@(?=[\w[])`,
  ].join('|'),
)

/**
 * Has a text a URL with a user or a password, or `user:password@host` as a proxy is written? Unlike what is hidden this is
 * to be refused, so a URL without them is not taken for one with them: `https://host:8443/feed@view/simple`. A `/` in a
 * password, which should have been escaped, is taken for a part of it.
 */
export const hasUserInfo = (text: string): boolean => userInfo.test(text)

/** Is told what is hidden. */
type Found = (value: string) => void
const unheard: Found = () => undefined

/** Shorter ones are found in ordinary words all the time. */
const SHORTEST = 4

/** The same text without these: they are known to be passwords, wherever they stand. */
export const withoutThese = (text: string, values: readonly string[]): string =>
  values.reduce((rest, value) => rest.replaceAll(value, HIDDEN), text)

const hideUserinfo = (text: string, found: Found): string =>
  text.replace(/\S+/g, run => withoutUserinfo(run, found))

function hideValues(text: string, pattern: RegExp, found: Found): string {
  return text.replace(pattern, (whole: string, ...rest: unknown[]) => {
    const groups: unknown = rest.at(-1)
    const before = textIn(groups, 'before')
    const value = textIn(groups, 'value')
    const quote = /^['"`]/.exec(value)?.[0] ?? ''
    const inside = value.slice(quote.length)
    if (inside === '' || inside.startsWith(HIDDEN) || inside.startsWith('[secret ')) return whole
    // Our own key `secret` has the name of one, which is none.
    if (!/^secret\W/.test(before) || /[\w-]/.test(text.charAt(Number(rest.at(-3)) - 1))) found(inside)
    return before + quote + HIDDEN
  })
}

const textIn = (groups: unknown, key: string): string =>
  typeof groups === 'object' && groups !== null ? String(Reflect.get(groups, key) ?? '') : ''

/**
 * What stands before the last `@` of a stretch without blanks, where it can be a user with a password: in a URL
 * (RFC 3986, 3.2.1; a token can stand there alone), or in `user:password@host`, as people write it where none belongs.
 * That a password has `@`, `:`, `/` or quotes, which should have been escaped, does not help it.
 */
function withoutUserinfo(run: string, found: Found): string {
  const end = run.lastIndexOf('@')
  const from = end === -1 ? undefined : (userinfoOfUrl(run, end) ?? passwordBeforeHost(run, end))
  if (from === undefined || from >= end) return run
  found(run.slice(from, end))
  return run.slice(0, from) + HIDDEN + run.slice(end)
}

function userinfoOfUrl(run: string, end: number): number | undefined {
  for (const scheme of run.matchAll(/[A-Za-z][A-Za-z0-9+.-]{0,30}:\/\//g)) {
    const from = scheme.index + scheme[0].length
    if (from > end) return undefined
    // An authority ends at the next of these (RFC 3986, 3.2), and one without user and port hides nothing.
    const length = run.slice(from).search(/[/?#]/)
    if (/[:@]/.test(length === -1 ? run.slice(from) : run.slice(from, from + length))) return from
  }
  return undefined
}

function passwordBeforeHost(run: string, end: number): number | undefined {
  if (!/[\w[]/.test(run.charAt(end + 1))) return undefined
  const user = /(?<![\w.+-])[\w.+-]*:(?!\/\/)/.exec(run)
  return user === null ? undefined : user.index + user[0].length
}
