/**
 * What a compiler says of a source, without the words of the source that it repeats: where a quote is missing, one of them can
 * be a password. Signs and words of the language stay.
 */
export const withoutSourceWords = (message: string): string =>
  message.replace(/(?<!\p{L})'[^']*'|"[^"]*"|`[^`]*`/gu, repeated => {
    const text = repeated.slice(1, -1)
    return languageWords.has(text) || /^[^\p{L}\p{N}]{0,3}$/u.test(text) ? repeated : '…'
  })

const languageWords: ReadonlySet<string> = new Set(
  `arguments as async await break case catch class const continue debugger default delete do else enum eval export extends
  false finally for from function get if implements import in instanceof interface let meta new null of package private
  protected public return set static super switch this throw true try type typeof undefined var void while with yield`.split(
    /\s+/,
  ),
)

/** What V8 says of code that ran: it repeats the expression, with every text in it, from the first quote to the last. */
export const withoutTexts = (message: string): string => message.replace(/".*"|".*$/s, '"…"')
