// `npm run bench -- [row …]`: see docs/benchmarks.md. The rows are TypeScript, as the tests are; this only loads them.
import { existsSync } from 'node:fs'
import { createJiti } from 'jiti'

if (!existsSync(new URL('../dist', import.meta.url))) {
  process.stderr.write('there is no dist: run `npm run build` first\n')
  process.exit(2)
}
const { bench } = await createJiti(import.meta.url, { fsCache: false }).import('./bench.ts')
process.exitCode = await bench(process.argv.slice(2))
