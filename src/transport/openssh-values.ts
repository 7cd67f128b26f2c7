/** Writes one setting of ssh_config(5) as an argument of ssh(1); the first value of a keyword counts. */
export function option(keyword: string, value: string): readonly string[] {
  return ['-o', `${keyword}=${value}`]
}

/** `%` begins a token in most of ssh's values. */
export function literally(text: string): string {
  return text.replaceAll('%', '%%')
}

/** A list of files is split at blanks, but not between quotes (OpenSSH, misc.c, argv_split). */
export function inQuotes(path: string): string {
  return `"${path.replace(/["\\]/g, '\\$&')}"`
}
