/**
 * Writes `src/remote/end/messages.py` from `src/remote/messages.ts`, so that both sides of the connection speak from
 * one table. With `--check` nothing is written: the exit status is 1 when the file is not what would be written.
 *
 * The output is for Python 3.8: `typing.TypedDict`, no `X | Y`, no `list[str]`.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'

const target = new URL('../src/remote/end/messages.py', import.meta.url)
const width = 110

/** Keywords of Python 3.8 that can be a key of a message: such a key cannot be declared in a class body. */
const keywords = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for from ' +
    'global if import in is lambda nonlocal not or pass raise return try while with yield'
  ).split(' '),
)

const isIdentifier = key => /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) && !keywords.has(key)
const quoted = text => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
const capitalised = text => text.slice(0, 1).toUpperCase() + text.slice(1)
const pascal = text => text.split('-').map(capitalised).join('')

/** A bracketed list on one line, or one item per line where that would be too long. */
function bracketed(open, items, close) {
  const line = `${open}${items.join(', ')}${close}`
  return line.length <= width ? line : `${open}\n${items.map(item => `    ${item},\n`).join('')}${close}`
}

/** Collects the declarations; a shape is declared before the first one that uses it. */
class Declarations {
  blocks = []
  /** Of every shape, by key: what its texts and lists must be beyond their type. */
  rules = []
  #declared = new Map()
  #exported

  /** @param exported the name of every shape that has one */
  constructor(exported) {
    this.#exported = exported
  }

  /** Makes this name mean the shape: its declaration, or an alias where it has another name already. */
  name(name, schema) {
    const declared = this.#declare(schema, name)
    if (declared !== name) this.blocks.push(`${name} = ${declared}`)
  }

  #declare(schema, fallback) {
    if (!this.#declared.has(schema)) {
      const name = this.#exported.get(schema) ?? fallback
      const fields = Object.entries(schema.entries).map(([key, field]) => [
        key,
        this.#hint(field, name + capitalised(key)),
      ])
      this.blocks.push(typedDict(name, fields))
      const rules = Object.entries(schema.entries).flatMap(([key, field]) => {
        const rule = ruleOf(field)
        return rule === undefined ? [] : [`        ${quoted(key)}: ${rule},\n`]
      })
      if (rules.length > 0) this.rules.push(`    ${quoted(name)}: {\n${rules.join('')}    },\n`)
      this.#declared.set(schema, name)
    }
    return this.#declared.get(schema)
  }

  /** The type hint of one schema; `fallback` is what a shape without a name of its own will be called. */
  #hint(schema, fallback) {
    switch (schema.type) {
      case 'string':
        return 'str'
      case 'boolean':
        return 'bool'
      case 'number':
        return isInteger(schema) ? 'int' : 'float'
      case 'nullable':
        return `Optional[${this.#hint(schema.wrapped, fallback)}]`
      case 'array':
        return `List[${this.#hint(schema.item, `${fallback}Item`)}]`
      case 'record':
        return `Dict[${this.#hint(schema.key, fallback)}, ${this.#hint(schema.value, `${fallback}Value`)}]`
      case 'picklist':
        return `Literal[${schema.options.map(quoted).join(', ')}]`
      case 'unknown':
        return 'object'
      case 'object':
        return this.#declare(schema, fallback)
      default:
        throw new Error(`${fallback}: schema kind '${schema.type}' has no Python counterpart here`)
    }
  }
}

const actionOf = (schema, type) => schema.pipe?.find(action => action.type === type)?.requirement

/** The rule of one key as Python: about the texts in its value, however deep in lists and records; undefined: none. */
function ruleOf(schema) {
  const [text, key, most] = partsOf(schema)
  const parts = [
    ['pattern', text && patternOf(text)],
    ['longest', text && longestOf(text)],
    ['keys', key && patternOf(key)],
    ['most', most],
  ].filter(([, value]) => value !== undefined)
  return parts.length === 0
    ? undefined
    : `Rule(${parts.map(([name, value]) => `${name}=${value}`).join(', ')})`
}

/** The texts in a value, the keys in it, and how many entries it may have. Another shape has rules of its own. */
function partsOf(schema) {
  switch (schema.type) {
    case 'string':
      return [schema, undefined, undefined]
    case 'nullable':
      return partsOf(schema.wrapped)
    case 'array':
      return [partsOf(schema.item)[0], undefined, actionOf(schema, 'max_length')]
    case 'record':
      return [partsOf(schema.value)[0], schema.key, undefined]
    default:
      return [undefined, undefined, undefined]
  }
}

/** Without the anchors: Python has fullmatch. */
function patternOf(schema) {
  const { source } = actionOf(schema, 'regex') ?? {}
  return source && quoted(source.replace(/^\^|\$$/g, ''))
}

/** A character that Python counts as one takes two units of UTF-16 at most. */
function longestOf(schema) {
  const units = actionOf(schema, 'max_length')
  return units && Math.floor(units / 2)
}

const isInteger = schema => schema.pipe?.some(action => action.type === 'integer') ?? false

function typedDict(name, fields) {
  if (fields.length === 0) return `class ${name}(TypedDict):\n    pass`
  if (fields.every(([key]) => isIdentifier(key)))
    return `class ${name}(TypedDict):\n${fields.map(([key, hint]) => `    ${key}: ${hint}\n`).join('')}`.trimEnd()
  const entries = fields.map(([key, hint]) => `    ${quoted(key)}: ${hint},\n`).join('')
  return `${name} = TypedDict('${name}', {\n${entries}})`
}

/** The whole text of `messages.py`. */
export async function pythonMessages() {
  const jiti = createJiti(import.meta.url)
  const { requests, refusalCodes, ...others } = await jiti.import('../src/remote/messages.ts')
  const shapes = Object.entries(others).filter(([, value]) => value?.type === 'object')
  const declarations = new Declarations(new Map(shapes.map(([name, schema]) => [schema, name])))
  for (const [name, schema] of shapes) declarations.name(name, schema)
  for (const [name, { body, answer }] of Object.entries(requests)) {
    declarations.name(`${pascal(name)}Body`, body)
    declarations.name(`${pascal(name)}Answer`, answer)
  }
  const bodies = Object.keys(requests).map(name => `    ${quoted(name)}: ${pascal(name)}Body,\n`)
  const answers = Object.keys(requests).map(name => `    ${quoted(name)}: ${pascal(name)}Answer,\n`)
  const bytes = Object.entries(requests).map(
    ([name, { limits }]) => `    ${quoted(name)}: ${limits.answerBytes},\n`,
  )
  const codes = refusalCodes.map(quoted)
  return `"""Bodies and answers of every request.

Generated from src/remote/messages.ts by scripts/messages.mjs. Do not edit.
"""

from typing import Dict, List, Literal, NamedTuple, Optional, Tuple, TypedDict


${declarations.blocks.join('\n\n\n')}


BODIES: Dict[str, type] = {
${bodies.join('')}}

ANSWERS: Dict[str, type] = {
${answers.join('')}}

# The longest message that the runner takes for an answer.
ANSWER_BYTES: Dict[str, int] = {
${bytes.join('')}}


class Rule(NamedTuple):
    """What the texts of one key must be beyond their type, in lists and records too, and how long its list may be."""

    pattern: Optional[str] = None
    longest: Optional[int] = None
    keys: Optional[str] = None
    most: Optional[int] = None


RULES: Dict[str, Dict[str, Rule]] = {
${declarations.rules.join('')}}

${bracketed('RefusalCode = Literal[', codes, ']')}

${bracketed('REFUSAL_CODES: Tuple[RefusalCode, ...] = (', codes, ')')}
`
}

async function main(args) {
  const text = await pythonMessages()
  if (!args.includes('--check')) return writeFile(target, text)
  if ((await readFile(target, 'utf8')) === text) return
  process.stderr.write(
    'src/remote/end/messages.py differs from src/remote/messages.ts: run node scripts/messages.mjs\n',
  )
  process.exitCode = 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2))
