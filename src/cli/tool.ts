import { readFileSync } from 'node:fs'

/** What this package says of itself; its package.json stands above `src` in the sources and above `dist` when built. */
interface Tool {
  readonly version: string
  /** The range of Node.js versions that it runs on. */
  readonly node: string
}

const places = ['../../package.json', '../../../package.json']

function tool(): Tool {
  for (const path of places) {
    const found = toolIn(new URL(path, import.meta.url))
    if (found !== undefined) return found
  }
  return { version: 'unknown', node: '*' }
}

export const toolVersion = (): string => tool().version

/** The range of Node.js versions that this package declares in `engines`. */
export const supportedNode = (): string => tool().node

/** `stage-deploy 1.2.3`, as it is written into the record of a revision. */
export const toolName = (): string => `stage-deploy ${toolVersion()}`

function toolIn(file: URL): Tool | undefined {
  try {
    const fields = fieldsOf(JSON.parse(readFileSync(file, 'utf8')))
    const [name, version, node] = [
      fields.get('name'),
      fields.get('version'),
      fieldsOf(fields.get('engines')).get('node'),
    ]
    if (name !== 'stage-deploy' || typeof version !== 'string' || typeof node !== 'string') return undefined
    return { version, node }
  } catch {
    return undefined
  }
}

const fieldsOf = (value: unknown): ReadonlyMap<string, unknown> =>
  new Map(Object.entries(typeof value === 'object' && value !== null ? value : {}))
