import { readFileSync } from 'node:fs'
import type { ReleaseOptions } from './releases.ts'

const files = [
  ...['pyproject.toml', 'aaa_env_setup.py', 'shop/__init__.py', 'shop/serve.py'],
  ...['stagetools/__init__.py', 'stagetools/utils.py'],
]

const read = (path: string): string =>
  readFileSync(new URL(`./stagetools-project/${path}`, import.meta.url), 'utf8')

/** A project built on stagetools, which knows nothing of how it is deployed. @param changes to files, by their path */
export function stagetoolsProject(
  version: string,
  changes: Readonly<Record<string, (text: string) => string>> = {},
): ReleaseOptions {
  const changed = files.map(path => {
    const text = read(path).replace('VERSION', version)
    return [path, changes[path]?.(text) ?? text]
  })
  return { files: { 'test_package.py': undefined, ...Object.fromEntries(changed) } }
}
