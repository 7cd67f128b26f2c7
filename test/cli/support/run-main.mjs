// Runs the command from its sources, as `bin/deploy.js` runs it when it is built: `node run-main.mjs status --json`.
import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'

const source = path => fileURLToPath(new URL(`../../../${path}`, import.meta.url))
const jiti = createJiti(import.meta.url, {
  alias: { 'stage-deploy/recipes': source('recipes'), 'stage-deploy': source('src/index.ts') },
})
await jiti.import(source('src/cli/main.ts'))
