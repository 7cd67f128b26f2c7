// Compiles the sources and puts what is not TypeScript beside them: the remote end and the recipes' host programs.
import { execFileSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
rmSync(`${root}dist`, { recursive: true, force: true })
execFileSync(
  process.execPath,
  [`${root}node_modules/typescript/bin/tsc`, '-p', `${root}tsconfig.build.json`],
  {
    stdio: 'inherit',
  },
)
for (const place of ['src/remote/end', 'recipes']) {
  cpSync(`${root}${place}`, `${root}dist/${place}`, {
    recursive: true,
    filter: source => !source.endsWith('.ts') && !source.includes('__pycache__'),
  })
}
