/**
 * Where in a shell script the reading stands: what a value that comes next would mean there.
 *
 * - `bare`: a word or a part of one; the parameter needs its own double quotes
 * - `quoted`: inside double quotes or a here-document; the parameter stands as it is
 * - `refused`: it would not arrive unchanged, or not at all
 */
export type ShellContext =
  | { readonly kind: 'bare' }
  | { readonly kind: 'quoted' }
  | { readonly kind: 'refused'; readonly why: string }

type Frame =
  | { readonly kind: 'single' | 'double' | 'comment' | 'backtick' }
  /** Commands: the script itself, a subshell or a `$(…)`. `plain` is its text with everything quoted blotted out. */
  | { readonly kind: 'code'; plain: string }
  | { readonly kind: 'parameter'; readonly inQuotes: boolean }
  | { readonly kind: 'arithmetic'; open: number }
  | { readonly kind: 'document'; readonly end: HereDocument; line: string; text: string }

interface HereDocument {
  readonly delimiter: string
  /** `<<'END'`: nothing is expanded. */
  readonly literal: boolean
  /** `<<-END`: leading tabs do not count. */
  readonly tabs: boolean
}

const hereDocument = /^<<(-?)[ \t]*(?:'([^'\n]*)'|"([^"\n]*)"|(\\?)([^\s;&|()<>'"\\]+))/
const startsComment = /(?:^|[\s;&|()<>])$/
/** After these the positional parameters are others: a function has its own, `shift` and `set` change them. */
const otherParameters = /\(\)|(?:^|[\n;&|({]|\b(?:do|then|else)\b)\s*(?:shift\b|set[ \t]+--|function[ \t])/
const openCase = /(?:^|[\s;&|(])case\s(?!.*\besac\b)/s

/**
 * Reads a script piece by piece, as far as a shell's quoting goes (POSIX.1-2017, Shell Command Language 2.2, 2.3,
 * 2.6 and 2.7.4), to know what the place between two pieces is. It never changes the text and never refuses it.
 */
export class ShellReader {
  readonly #frames: Frame[] = [{ kind: 'code', plain: '' }]
  #documents: HereDocument[] = []
  /** `\` or `$` as the last character: it would take hold of what comes next. */
  #dangling: string | undefined

  /** Reads on; a piece ends where a value stands. */
  read(piece: string): void {
    this.#dangling = undefined
    let at = 0
    while (at < piece.length) at += this.#take(piece.slice(at))
  }

  /** What a value would mean here. */
  context(): ShellContext {
    if (this.#dangling !== undefined) return refused(`directly after a ${this.#dangling}`)
    if (this.#frames.some(frame => frame.kind === 'code' && otherParameters.test(frame.plain)))
      return refused(
        'after a function, `shift` or `set --`, where positional parameters are others: assign it to a variable at the top of the script',
      )
    return contextIn(this.#top)
  }

  /** A value stands here: to what follows it is a part of a word. */
  value(): void {
    const top = this.#top
    if (top.kind === 'code') top.plain += '_'
    if (top.kind === 'document') top.line += '\0'
  }

  get #top(): Frame {
    const top = this.#frames.at(-1)
    if (top === undefined) throw new Error('the outermost frame is never closed')
    return top
  }

  /** Reads one token from the beginning of the rest and returns its length. */
  #take(rest: string): number {
    const top = this.#top
    switch (top.kind) {
      case 'code':
        return this.#takeCode(top, rest)
      case 'single':
        return this.#closeOn(rest, "'")
      case 'comment':
        if (rest.startsWith('\n')) this.#frames.pop()
        return rest.startsWith('\n') ? 0 : 1
      case 'backtick':
        return rest.startsWith('\\') ? this.#escape(rest) : this.#closeOn(rest, '`')
      case 'double':
        return this.#takeExpansion(rest, true) ?? this.#closeOn(rest, '"')
      case 'parameter':
        return this.#takeParameter(rest, top.inQuotes)
      case 'arithmetic':
        return this.#takeArithmetic(top, rest)
      case 'document':
        return this.#takeDocument(top, rest)
    }
  }

  #takeCode(frame: Extract<Frame, { kind: 'code' }>, rest: string): number {
    const expansion = this.#takeExpansion(rest, false)
    if (expansion !== undefined) {
      frame.plain += '_'
      return expansion
    }
    const document = rest.startsWith('<<<') ? null : hereDocument.exec(rest)
    if (document !== null) return this.#announce(frame, document)
    const [first = ''] = rest
    if (first === '#' && startsComment.test(frame.plain)) return this.#open({ kind: 'comment' }, 1)
    if (first === '(') return this.#open({ kind: 'code', plain: '' }, 1)
    if (first === ')' && this.#frames.length > 1 && !openCase.test(frame.plain)) return this.#closeCode(frame)
    frame.plain += first
    const [next, ...later] = this.#documents
    if (first === '\n' && next !== undefined) {
      this.#documents = later
      this.#frames.push({ kind: 'document', end: next, line: '', text: '' })
    }
    return 1
  }

  /** What begins the same way in code and in double quotes: `\x`, quotes, `$(…)`, `$((…))`, `${…}`, backticks. */
  #takeExpansion(rest: string, inQuotes: boolean): number | undefined {
    if (rest.startsWith('\\')) return this.#escape(rest)
    if (rest.startsWith('$((')) return this.#open({ kind: 'arithmetic', open: 0 }, 3)
    if (rest.startsWith('$(')) return this.#open({ kind: 'code', plain: '' }, 2)
    if (rest.startsWith('${')) return this.#open({ kind: 'parameter', inQuotes }, 2)
    if (rest.startsWith('`')) return this.#open({ kind: 'backtick' }, 1)
    if (rest === '$') this.#dangling = '$'
    if (inQuotes) return undefined
    if (rest.startsWith("'")) return this.#open({ kind: 'single' }, 1)
    return rest.startsWith('"') ? this.#open({ kind: 'double' }, 1) : undefined
  }

  #takeParameter(rest: string, inQuotes: boolean): number {
    if (inQuotes && rest.startsWith('"')) return this.#open({ kind: 'double' }, 1)
    return this.#takeExpansion(rest, inQuotes) ?? this.#closeOn(rest, '}')
  }

  #takeArithmetic(frame: Extract<Frame, { kind: 'arithmetic' }>, rest: string): number {
    if (frame.open === 0 && rest.startsWith('))')) {
      this.#frames.pop()
      return 2
    }
    if (rest.startsWith('(')) frame.open += 1
    if (rest.startsWith(')')) frame.open -= 1
    return 1
  }

  #takeDocument(frame: Extract<Frame, { kind: 'document' }>, rest: string): number {
    const [first = ''] = rest
    if (first === '\\' && !frame.end.literal) {
      frame.line += rest.slice(0, 2)
      return this.#escape(rest)
    }
    if (rest === '$') this.#dangling = '$'
    if (first !== '\n') {
      frame.line += first
      return 1
    }
    const line = frame.end.tabs ? frame.line.replace(/^\t+/, '') : frame.line
    frame.text += `${frame.line}\n`
    frame.line = ''
    if (line === frame.end.delimiter) this.#endDocument()
    return 1
  }

  #endDocument(): void {
    this.#frames.pop()
    const [next, ...later] = this.#documents
    this.#documents = later
    if (next !== undefined) this.#frames.push({ kind: 'document', end: next, line: '', text: '' })
  }

  #announce(frame: Extract<Frame, { kind: 'code' }>, found: RegExpExecArray): number {
    const [whole, dash, single, double, backslash, word] = found
    const delimiter = single ?? double ?? word ?? ''
    const literal = single !== undefined || double !== undefined || backslash === '\\'
    this.#documents = [...this.#documents, { delimiter, literal, tabs: dash === '-' }]
    frame.plain += '_'
    return whole.length
  }

  #closeCode(frame: Extract<Frame, { kind: 'code' }>): number {
    this.#frames.pop()
    const outer = this.#top
    if (outer.kind === 'code') outer.plain += frame.plain.trim() === '' ? '()' : '_'
    return 1
  }

  #open(frame: Frame, length: number): number {
    this.#frames.push(frame)
    return length
  }

  #closeOn(rest: string, end: string): number {
    if (rest.startsWith(end)) this.#frames.pop()
    return 1
  }

  #escape(rest: string): number {
    if (rest.length === 1) this.#dangling = '\\'
    return Math.min(2, rest.length)
  }
}

function refused(where: string): ShellContext {
  return { kind: 'refused', why: where }
}

function contextIn(frame: Frame): ShellContext {
  switch (frame.kind) {
    case 'code':
      return /<<-?[ \t]*$/.test(frame.plain) ? refused('as the end of a here-document') : { kind: 'bare' }
    case 'comment':
      return { kind: 'bare' }
    case 'double':
      return { kind: 'quoted' }
    case 'single':
      return refused(
        "inside '…', where a shell expands nothing: leave the quotes out, a value is quoted for you",
      )
    case 'backtick':
      return refused('inside backticks: write $(…)')
    case 'parameter':
      return refused('inside a parameter expansion: assign it to a variable first')
    case 'arithmetic':
      return refused('inside $((…)), where a shell would evaluate it: assign it to a variable first')
    case 'document':
      return contextInDocument(frame)
  }
}

function contextInDocument(frame: Extract<Frame, { kind: 'document' }>): ShellContext {
  if (frame.end.literal) return refused(`inside <<'${frame.end.delimiter}', where a shell expands nothing`)
  if (/\$\(|`|\$\{/.test(frame.text + frame.line))
    return refused('in a here-document after another expansion: assign it to a variable first')
  return { kind: 'quoted' }
}
