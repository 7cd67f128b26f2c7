/** Why a text is no regular expression, without the text: V8 repeats it before it says why (`Invalid regular expression: /x(/: …`). */
export function whyNoPattern(error: unknown): string {
  const message = error instanceof Error ? error.message : ''
  const why = message.slice(message.lastIndexOf(': ') + 2)
  return /^[A-Za-z ]+$/.test(why) ? why : 'it cannot be understood'
}
