/** What stands for itself in a text that is expected. */
export interface Place {
  readonly system: string
  readonly stage: string
  readonly host: string
  readonly root: string
  readonly shared: string
}

const names = ['system', 'stage', 'host', 'root', 'shared']
const pattern = /\{(\w+)\}/g

/** Why a text cannot be filled in; undefined: it can. */
export function placeholderFault(text: string): string | undefined {
  const unknown = [...text.matchAll(pattern)].find(([, name = '']) => !names.includes(name))
  return unknown === undefined
    ? undefined
    : `there is no ${unknown[0]}: there are ${names.map(name => `{${name}}`).join(', ')}`
}

/** Fills in `{system}`, `{stage}`, `{host}`, `{root}` and `{shared}`. */
export function filledIn(text: string, place: Place): string {
  const values = new Map(Object.entries(place))
  return text.replace(pattern, (found, name: string) => String(values.get(name) ?? found))
}
