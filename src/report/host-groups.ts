import type { Event } from '../model/event.ts'
import type { HostName } from '../model/names.ts'
import { LINE_BYTES, type LineWriter } from './line-writer.ts'
import { outcomeStyle, outcomeText } from './outcome-text.ts'
import { outputText } from './output-text.ts'
import type { Paint } from './paint.ts'

/** So much memory what one host prints may take while it waits for its turn; what comes after it is left out, and counted. */
const WAITING_BYTES = 8 * 1024 * 1024

type Output = Event & { readonly type: 'output' }
type Finished = Event & { readonly type: 'command-finished' }

interface Group {
  readonly lines: Pick<Output, 'stream' | 'line'>[]
  bytes: number
  leftOut: number
  end: Finished | undefined
}

/**
 * Holds back what hosts print until it is their turn: host after host, always in the same order, each as soon as it and all
 * before it have ended.
 */
export function createHostGroups(
  hosts: readonly HostName[],
  streams: Readonly<Record<'stdout' | 'stderr', LineWriter>>,
  paint: Paint,
): { readonly output: (event: Output) => void; readonly finished: (event: Finished) => void } {
  const groups = new Map(
    hosts.map((host): [HostName, Group] => [host, { lines: [], bytes: 0, leftOut: 0, end: undefined }]),
  )
  const waiting = [...hosts]
  const show = (host: HostName, { lines, leftOut }: Group, { outcome }: Finished): void => {
    streams.stdout.write(
      `${paint('bold', `==> ${host}`)}  ${paint(outcomeStyle(outcome), outcomeText(outcome))}`,
    )
    for (const { stream, line } of lines) streams[stream].write(outputText(line))
    if (leftOut > 0) streams.stderr.write(`${leftOut} more lines of ${host} are left out here.`)
  }
  return {
    output: ({ host, stream, line }) => {
      const group = groups.get(host)
      if (group === undefined) return
      if (group.bytes > WAITING_BYTES) group.leftOut += 1
      else group.lines.push({ stream, line })
      group.bytes += LINE_BYTES + line.length
    },
    finished: event => {
      const group = groups.get(event.host)
      if (group !== undefined) group.end = event
      for (let [host] = waiting; host !== undefined; [host] = waiting) {
        const next = groups.get(host)
        if (next?.end === undefined) return
        show(host, next, next.end)
        groups.delete(host)
        waiting.shift()
      }
    },
  }
}
