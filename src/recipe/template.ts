/** One part of a template: text as it is, or the name of a variable whose value stands there. */
export type TemplatePart = string | { readonly variable: string }

/** What a template says, and what in it cannot be understood. */
export interface Template {
  readonly parts: readonly TemplatePart[]
  readonly faults: readonly string[]
}

/** A placeholder, `\{{` for two braces that mean nothing, or two braces that begin neither. */
const pattern = /\\\{\{|\{\{[ \t]*(?<variable>[A-Za-z_][A-Za-z0-9_]*)[ \t]*\}\}|\{\{/g

/**
 * Reads a text with `{{ NAME }}` in it. Nothing else is special: there are no conditions, no loops and no filters. Two
 * braces that begin no placeholder are a fault: `\{{` writes them.
 */
export function parseTemplate(text: string): Template {
  const parts: TemplatePart[] = []
  const faults: string[] = []
  let done = 0
  for (const match of text.matchAll(pattern)) {
    parts.push(text.slice(done, match.index))
    done = match.index + match[0].length
    const variable = match.groups?.['variable']
    if (variable !== undefined) parts.push({ variable })
    else parts.push('{{')
    if (match[0] === '{{') faults.push(faultAt(text, match.index))
  }
  parts.push(text.slice(done))
  return { parts: parts.filter(part => part !== ''), faults }
}

function faultAt(text: string, index: number): string {
  const before = text.slice(0, index).split('\n')
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}: '{{' begins no placeholder`
}
