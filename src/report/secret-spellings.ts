/**
 * Parts of a value that are shorter are not looked for: they are found in ordinary words and numbers all the time, so the
 * output would be unreadable and would tell by its gaps what the value is.
 */
export const SHORTEST_PART = 4

/** A way to write: of one character, or of a text, which is what one function for all characters makes of it. */
type Spelling = (text: string) => string

/**
 * The texts that stand for the value of a secret in what programs print, each once; the value itself first. It is spelt as
 * it is, and as JSON, Python, URLs, shells and HTML write it; so are its lines, and the passwords of URLs in it. What a
 * program makes of a value (Base64, a digest) is not known here.
 *
 * Hosts know the same spellings, from `remote/end/secret_spellings.py`; `test/report/spellings.json` holds both to it.
 */
export function spellingsOf(value: string): readonly string[] {
  const texts = new Set([value, trimmed(value)].filter(text => trimmed(text) !== ''))
  for (const part of new Set(partsOf(value))) {
    if ([...part].length < SHORTEST_PART) continue
    for (const spelt of styles) texts.add(spelt(part))
    // JSON in JSON, as logs have it; a text of Python on a page of errors.
    texts.add(json(json(part)))
    texts.add(html(repr(part)))
  }
  return [...texts]
}

/** What a program may print by itself. */
function partsOf(value: string): readonly string[] {
  const whole = trimmed(value)
  if (whole === '') return []
  const lines = value.split(/\r\n|[\r\n]/).map(trimmed)
  return [value, whole, ...lines, ...passwordsIn(value).flatMap(password => [password, decoded(password)])]
}

const trimmed = (text: string): string => text.replace(/^[ \t\n\v\f\r]+/, '').replace(LAST_BLANKS, '')
// Looking behind keeps a long run of blanks in the middle from being tried anew at each of them.
const LAST_BLANKS = /(?<![ \t\n\v\f\r])[ \t\n\v\f\r]+$/

/** The passwords of URLs (RFC 3986, 3.2.1): programs that hide them print the rest, and others print them alone. */
function passwordsIn(value: string): readonly string[] {
  const found = value.matchAll(/:\/\/[^/?#:@ \t\n\v\f\r]*:([^/?#\t\n\v\f\r ]+)@/g)
  return [...found].map(([, password = '']) => password)
}

const decoded = (text: string): string =>
  text.replace(/(?:%[0-9A-Fa-f]{2})+/g, escapes => {
    try {
      return decodeURIComponent(escapes)
    } catch {
      // No UTF-8: whatever it is, no program prints it as text.
      return escapes
    }
  })

type Own = Readonly<Record<string, string>>
type Test = (character: string) => boolean
type Code = (character: string) => string

/** Characters that have a spelling of their own, and a code for those that need one. */
function style(own: Own, coded: Test = () => false, code: Code = same): Spelling {
  const spelt = new Map(Object.entries(own))
  const spell = (character: string): string => {
    const known = spelt.get(character)
    if (known !== undefined) return known
    const text = coded(character) ? code(character) : character
    spelt.set(character, text)
    return text
  }
  return text => {
    let written = ''
    for (const character of text) written += spell(character)
    return written
  }
}

function same(character: string): string {
  return character
}

// Which characters are written as a code.

const control: Test = character => character < ' '
const beyondAscii: Test = character => character < ' ' || character > '~'
const unprintable: Test = character => character !== ' ' && /[\p{C}\p{Z}]/u.test(character)
const outside =
  (kept: string): Test =>
  character =>
    !/[A-Za-z0-9]/.test(character) && !kept.includes(character)
const among =
  (characters: string): Test =>
  character =>
    characters.includes(character)

// The codes. Bytes are those of UTF-8.

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0')
const numberOf = (character: string): number => character.codePointAt(0) ?? 0

const u: Code = character =>
  character.split('').reduce((text, unit) => `${text}\\u${hex(unit.charCodeAt(0), 4)}`, '')
const upperU: Code = character => u(character).toUpperCase().replaceAll('\\U', '\\u')
const x: Code = character => {
  const number = numberOf(character)
  if (number < 0x100) return `\\x${hex(number, 2)}`
  return number < 0x10000 ? `\\u${hex(number, 4)}` : `\\U${hex(number, 8)}`
}
const perByte =
  (form: (byte: number) => string): Code =>
  character =>
    Array.from(Buffer.from(character), form).join('')
const bytesX = perByte(byte => `\\x${hex(byte, 2)}`)
const octal = perByte(byte => `\\${byte.toString(8).padStart(3, '0')}`)
const percent = perByte(byte => `%${hex(byte, 2).toUpperCase()}`)
const lowerPercent = perByte(byte => `%${hex(byte, 2)}`)
const backslashed: Code = character => `\\${character}`
const entity: Code = character => `&#${numberOf(character)};`

// JSON (RFC 8259, 7).
const inJson: Own = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}
const slash: Own = { '/': '\\/' }
const uOf = (characters: string, code: Code = u): Own =>
  Object.fromEntries(Array.from(characters, character => [character, code(character)]))
const json = style(inJson, control, u)

const inRepr: Own = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }
const quoted: Own = { ...inRepr, "'": "\\'" }
const repr = style(inRepr, unprintable, x)

const and: Own = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
const html = style({ ...and, '"': '&quot;', "'": '&#x27;' })

const ansiC: Own = {
  '\\': '\\\\',
  "'": "\\'",
  '\x07': '\\a',
  '\b': '\\b',
  '\x1b': '\\E',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

/** What a URL keeps beside letters and digits. */
const keptInUrls: readonly string[] = [
  "-_.!~*'()", // encodeURIComponent
  "-_.!~*'();/?:@&=+$,#", // encodeURI
  '-_.~', // quote(safe=''), rawurlencode
  '-_.~/', // quote
  "-_.~!$&'()*+,;=", // a user and a password (RFC 3986, 3.2.1)
  '-_.~$&+,;=', // the same in Go
  "-_.~!$&'()*+,%", // the same in browsers and Node
  "-_.~!#$%&'()*+,/:;=?@[]", // requests
  '-_.~!$%&()*+,/:;=?@[]\\^`{|}', // a query in browsers and Node
]
const keptInForms: readonly string[] = [
  '-_.~', // quote_plus
  '-_.', // urlencode of PHP
  '-_.*', // URLSearchParams, URLEncoder of Java
  "-_.!~*'()", // encodeURIComponent, then `+`
]

const inHex = [percent, lowerPercent]

const styles: readonly Spelling[] = [
  same,
  json,
  style(inJson, beyondAscii, u), // json.dumps
  style(inJson, beyondAscii, upperU),
  style({ ...inJson, ...slash }, control, u),
  style({ ...inJson, ...slash }, beyondAscii, u), // PHP
  style({ ...inJson, ...uOf('<>&\u2028\u2029') }, control, u), // Go
  style({ ...inJson, ...uOf("<>&'") }, beyondAscii, u), // Jinja
  style({ ...inJson, ...uOf('<>&', upperU) }, beyondAscii, u), // json_script of Django
  style({ ...inJson, ...slash, ...uOf('<>&\'"', upperU) }, beyondAscii, u), // JSON_HEX_* of PHP
  style({ ...inJson, ...uOf('<>&\'"+`', upperU) }, beyondAscii, upperU), // .NET
  style(uOf('\\\'"<>&=-;`\u2028\u2029', upperU), control, upperU), // escapejs of Django
  repr,
  style(quoted, unprintable, x),
  style(inRepr, beyondAscii, x), // ascii()
  style(quoted, beyondAscii, x),
  style(inRepr, beyondAscii, bytesX), // repr() of bytes
  style(quoted, beyondAscii, bytesX),
  ...keptInUrls.flatMap(kept => inHex.map(code => style({}, outside(kept), code))),
  ...keptInForms.flatMap(kept => inHex.map(code => style({ ' ': '+' }, outside(kept), code))),
  style({ "'": "'\\''" }), // bash
  style({ "'": "'\"'\"'" }), // shlex.quote
  style(ansiC, control, octal), // $'…'
  style(ansiC, beyondAscii, octal),
  style({}, among(' \t\'"\\|&;()<>!{}*[]?^$`,'), backslashed), // printf %q
  style({}, among('$`"\\'), backslashed), // between double quotes
  style({}, among('$`"\\!'), backslashed),
  style(and),
  style({ ...and, '"': '&quot;' }),
  html,
  style({ ...and, '"': '&quot;', "'": '&#39;' }),
  style({ ...and, '"': '&quot;', "'": '&#039;' }),
  style({ ...and, '"': '&quot;', "'": '&apos;' }),
  style({ ...and, '"': '&#34;', "'": '&#39;' }),
  style(and, beyondAscii, entity), // XML in ASCII
  style({ ...and, '"': '&quot;' }, beyondAscii, entity),
]
