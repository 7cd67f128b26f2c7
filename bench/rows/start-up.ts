import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Row, timed } from '../support/row.ts'

const deploy = fileURLToPath(new URL('../../bin/deploy.js', import.meta.url))

function run(argv: readonly string[]) {
  return timed(async () => {
    const { status } = spawnSync(process.execPath, argv, { stdio: 'ignore' })
    if (status !== 0) throw new Error(`node ${argv.join(' ')} ended with ${status}`)
  })
}

/** What it costs to start the command and do nothing. */
export const startUpRow: Row = {
  name: 'start-up',
  title: 'start the command and do nothing',
  rounds: 25,
  prepare: async () => ({
    subjects: [
      { title: 'node -e 0', run: () => run(['-e', '0']) },
      { title: 'deploy --version', run: () => run([deploy, '--version']) },
      { title: 'deploy --help', run: () => run([deploy, '--help']) },
    ],
    [Symbol.asyncDispose]: async () => undefined,
  }),
}
