import type { HostName } from '../model/names.ts'
import type { Run } from './run.ts'

/** Two hundred hosts that tell of every chunk would say nothing but that. */
const TOLD_PARTS = 50

/** A transfer to one host. */
export interface ToldTransfer {
  readonly host: HostName
  readonly step: string
  readonly total: number
}

/** Passes bytes on, and says how far their transfer has come. */
export async function* withProgress(
  run: Run,
  { host, step, total }: ToldTransfer,
  chunks: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  let done = 0
  let told = 0
  for await (const chunk of chunks) {
    yield chunk
    done += chunk.length
    if (done < total && done - told < total / TOLD_PARTS) continue
    told = done
    run.deps.emit({ type: 'progress', host, step, done, total })
  }
}
