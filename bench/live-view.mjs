// What the live view costs: 50 hosts, each with a progress or an output line ten times a second, on a terminal of
// 160x50, for ten seconds. Prints processor seconds (of which one core has ten) and the longest stall of the loop.
//
//   node bench/live-view.mjs [hosts] [seconds]            a fake terminal that swallows what it is sent
//   node bench/live-view.mjs --terminal [hosts] [seconds] the terminal it is started in; the numbers come last

import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Writable } from 'node:stream'
import { createJiti } from 'jiti'

const load = createJiti(import.meta.url)
const { createEventStream } = await load.import('../src/report/event-stream.ts')
const { createLiveView } = await load.import('../src/report/live-view.ts')

const real = process.argv.includes('--terminal')
const [hostCount = 50, seconds = 10] = process.argv
  .slice(2)
  .filter(word => /^\d+$/.test(word))
  .map(Number)
const hosts = Array.from({ length: hostCount }, (_, index) => `web${index + 1}`)

let bytes = 0
const swallow = new Writable({
  write: (chunk, _encoding, done) => {
    bytes += chunk.length
    done()
  },
})
const terminal = real ? process.stderr : Object.assign(swallow, { columns: 160, rows: 50, isTTY: true })

const stream = createEventStream(Date.now)
const view = createLiveView({ terminal, clock: Date.now, colour: true })
stream.subscribe(view)

// A finer resolution would cost more than what is measured.
const stalls = monitorEventLoopDelay({ resolution: 20 })
const before = process.cpuUsage()
const began = performance.now()
stalls.enable()
stream.emit({
  type: 'run-started',
  run: 'bench',
  intent: 'deploy',
  project: 'shop',
  stage: 'production',
  revision: 'shop-1.4.0',
  hosts,
})
stream.emit({ type: 'phase-started', phase: 'build', hosts })
for (const host of hosts)
  stream.emit({ type: 'step-started', host, step: 'build/1', title: 'Install the wheels' })

let tick = 0
const timer = setInterval(() => {
  tick += 1
  for (const [index, host] of hosts.entries()) {
    if (index % 2 === 0)
      stream.emit({ type: 'progress', host, step: 'build/1', done: tick, total: seconds * 10 })
    else
      stream.emit({
        type: 'output',
        host,
        step: 'build/1',
        stream: 'stdout',
        line: `Collecting package-${tick} (from shop==1.4.0) \u001b[32mok\u001b[0m`,
      })
  }
}, 100)

await new Promise(resolve => setTimeout(resolve, seconds * 1000))
clearInterval(timer)
await stream.end()
stalls.disable()
const { user, system } = process.cpuUsage(before)
const cpu = (user + system) / 1e6
const wall = (performance.now() - began) / 1000
process.stdout.write(
  `${[
    `${hostCount} hosts x 10/s for ${wall.toFixed(1)} s: ${cpu.toFixed(2)} processor seconds`,
    `${((100 * cpu) / wall).toFixed(1)} % of a core`,
    `longest stall ${(stalls.max / 1e6).toFixed(0)} ms`,
    ...(real ? [] : [`${(bytes / 1024 / wall).toFixed(0)} KiB/s to the terminal`]),
  ].join(', ')}\n`,
)
