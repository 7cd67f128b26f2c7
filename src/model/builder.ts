import { momentOf } from './moment.ts'
import type { HostName, StageName } from './names.ts'

/** The host whose build others install, and for which stage it built. */
export interface Builder {
  readonly host: HostName
  readonly stage: StageName
  /** The run that built. */
  readonly run: string
  /** When that run began, by the clock of the machine that ran it. */
  readonly atMs: number
}

/** What a run would say of a host of its own that builds. */
export const builderOf = (
  { stage, run }: { readonly stage: StageName; readonly run: { readonly id: string; readonly atMs: number } },
  host: HostName,
): Builder => ({ host, stage, run: run.id, atMs: run.atMs })

/** Who built, as a part of a sentence: `built by web1 of staging on 2026-11-20 12:00 UTC`. */
export function builtBy({ host, stage, atMs }: Builder): string {
  const moment = momentOf(atMs)
  const when = moment === undefined ? 'at an unknown time' : `on ${moment.slice(0, 16).replace('T', ' ')} UTC`
  return `built by ${host} of ${stage} ${when}`
}
