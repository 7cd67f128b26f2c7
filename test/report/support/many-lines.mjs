// Gives many lines of one length to a projection whose reader takes nothing, and tells the most memory that this took
// (KiB): `node many-lines.mjs PROJECTION COUNT LENGTH`.
import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'

const [projection, count, length] = process.argv.slice(2)
const jiti = createJiti(import.meta.url)
const source = path => jiti.import(fileURLToPath(new URL(`../../../src/report/${path}.ts`, import.meta.url)))
const stuck = () => new Writable({ write: () => undefined })
const made = {
  plain: async () =>
    (await source('plain-lines')).createPlainLines({
      out: stuck(),
      detail: 'verbose',
      colour: false,
      summedUp: true,
    }),
  json: async () => (await source('json-lines')).createJsonLines(stuck()),
  log: async () => (await source('log-file')).logOn('log', stuck(), () => undefined),
  run: async () => (await source('command-lines')).createCommandLines(commandOptions(false)),
  'run --group': async () => (await source('command-lines')).createCommandLines(commandOptions(true)),
}
const commandOptions = grouped => ({
  ...{ out: stuck(), err: stuck(), hosts: ['web', 'db'], grouped, detail: 'normal', columns: 80 },
  colour: { out: false, err: false },
})
const { handle } = await made[projection]()
for (let index = 0; index < Number(count); index += 1)
  // Made anew each time, as what arrives is.
  handle({
    type: 'output',
    atMs: 1,
    host: 'db',
    step: 's',
    stream: 'stdout',
    line: `${index}`.slice(0, Number(length)),
  })
process.stdout.write(`${process.resourceUsage().maxRSS}\n`)
process.exit(0)
