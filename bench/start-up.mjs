// What it costs to start the command and do nothing: `deploy --version` and `deploy --help` beside `node -e 0`. The runs
// alternate, so that whatever else the machine does falls on all of them alike; medians, and their ratio, which is what counts.
//
//   npm run build && node bench/start-up.mjs [runs]

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const runs = Number(process.argv[2] ?? 25)
const deploy = fileURLToPath(new URL('../bin/deploy.js', import.meta.url))
const subjects = [
  { title: 'node -e 0', argv: ['-e', '0'] },
  { title: 'deploy --version', argv: [deploy, '--version'] },
  { title: 'deploy --help', argv: [deploy, '--help'] },
].map(subject => ({ ...subject, durationsMs: [] }))

for (let run = 0; run < runs; run += 1)
  for (const { argv, durationsMs } of subjects) {
    const startedMs = performance.now()
    const { status } = spawnSync(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] })
    if (status !== 0) process.exit(1)
    durationsMs.push(performance.now() - startedMs)
  }

const median = values => values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]
const [bare] = subjects
for (const { title, durationsMs } of subjects) {
  const ratio = (median(durationsMs) / median(bare.durationsMs)).toFixed(2)
  process.stdout.write(`${title.padEnd(18)}${median(durationsMs).toFixed(0).padStart(6)} ms  ${ratio} x\n`)
}
