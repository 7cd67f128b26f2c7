/** RFC 3986, 3.2.1: before the last `@` of an authority, also where a `/` of a password ended that too early. */
const inUrl = new RegExp(
  String.raw`(?<scheme>[A-Za-z][A-Za-z0-9+.-]{0,30}:\/\/)(?:[^\s/?#'"${'`'}]*@|` +
    String.raw`[^\s/?#'"${'`'}@[]{0,200}:(?!\d+(?:[/?#\s'"${'`'}]|$))[^\s'"${'`'}]{0,200}@)`,
  'g',
)

/** `user:password@host`, as people write it where no password belongs. */
const beforeHost = /(?<user>(?<![\w.+-])[\w.+-]+):[^\s:@'"`/]+@(?=[\w[])/g

/** With a bound on what follows, so that a long line costs no more than its length. */
const name = String.raw`(?:passw(?:or)?d|pwd|passphrase|secret|token|credential|api[_-]?key|access[_-]?key|private[_-]?key)[\w.-]{0,40}`

/** `password: 'x'`, `"API_TOKEN": "x"`, `--token=x`, `PASSWORD="x y"`: a text that has such a name. */
const quoted = new RegExp(
  String.raw`(?<name>${name}['"]?\s{0,9}[:=]\s{0,9})(?<quote>['"${'`'}])(?:\\.|(?!\k<quote>).)*(?:\k<quote>|$)`,
  'gi',
)
/** The same without quotes, as in YAML, in a shell, in a query. What calls a function, or names a variable of an object, is code. */
const bare = new RegExp(
  String.raw`(?<name>${name}['"]?\s{0,9}[:=]\s{0,9})(?![\w.]+\(|process\.|\[hidden\])(?<value>[^\s'"${'`'},;{}()[\]&]+)`,
  'gi',
)

const HIDDEN = '[hidden]'

/**
 * A text as it may be shown, where it comes from a configuration or from an argument: what looks like a password in it is
 * replaced. It is a last line of defence for errors, which repeat what was written; rather too much is hidden than too little.
 */
export function withoutCredentials(text: string): string {
  return text
    .replace(inUrl, `$<scheme>${HIDDEN}@`)
    .replace(beforeHost, `$<user>:${HIDDEN}@`)
    .replace(quoted, `$<name>$<quote>${HIDDEN}$<quote>`)
    .replace(bare, `$<name>${HIDDEN}`)
}
