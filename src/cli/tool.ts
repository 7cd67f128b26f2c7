import { readFileSync } from 'node:fs'

/** This package's version; its package.json stands above `src` in the sources and above `dist` when built. */
export function toolVersion(): string {
  for (const path of ['../../package.json', '../../../package.json']) {
    const version = versionIn(new URL(path, import.meta.url))
    if (version !== undefined) return version
  }
  return 'unknown'
}

/** `stage-deploy 1.2.3`, as it is written into the record of a revision. */
export const toolName = (): string => `stage-deploy ${toolVersion()}`

function versionIn(file: URL): string | undefined {
  try {
    const found: unknown = JSON.parse(readFileSync(file, 'utf8'))
    const fields = new Map(Object.entries(typeof found === 'object' && found !== null ? found : {}))
    const version = fields.get('version')
    return fields.get('name') === 'stage-deploy' && typeof version === 'string' ? version : undefined
  } catch {
    return undefined
  }
}
