import type { Problem } from '../model/problem.ts'
import { printable } from '../shell/printable.ts'
import { listed } from './cut.ts'
import { grouped } from './grouped.ts'
import type { Paint } from './paint.ts'

/** More places than this are counted. */
const MOST_PLACES = 8

/**
 * Problems in the order they were found, grouped by where they are: a host, or a path in a configuration. Places
 * that have exactly the same problems share one group, so one fault of a whole fleet is one paragraph. Lines are
 * never cut: a hint is there to be copied.
 */
export function problemLines(problems: readonly Problem[], paint: Paint): readonly string[] {
  const places = grouped(problems, ({ where }) => splitPlace(where).place)
  const alike = grouped(places, ([, own]) => own.flatMap(problem => bodyLines(problem, paint)).join('\n'))
  return [...alike].flatMap(([body, group]) => {
    const names = group.map(([place]) => printable(place)).filter(place => place !== '')
    const heading = names.length === 0 ? [] : [paint('bold', listed(names, MOST_PLACES))]
    return [...heading, ...body.split('\n')]
  })
}

/** `web1: link` is the link on `web1`; a path in a configuration stands for itself. */
function splitPlace(where: string): { readonly place: string; readonly what: string } {
  const at = where.indexOf(': ')
  return at === -1 ? { place: where, what: '' } : { place: where.slice(0, at), what: where.slice(at + 1) }
}

function bodyLines({ where, message, hint, severity }: Problem, paint: Paint): readonly string[] {
  const mark = severity === 'error' ? paint('red', '✖') : paint('yellow', '!')
  const { what } = splitPlace(where)
  const [first = '', ...more] = message.split('\n')
  const subject = what === '' ? '' : `${printable(what.trim())}: `
  return [
    `  ${mark} ${subject}${printable(first)}`,
    ...more.map(line => `    ${printable(line)}`),
    ...(hint === undefined
      ? []
      : hint.split('\n').map(line => `    ${paint('dim', '→')} ${printable(line)}`)),
  ]
}
