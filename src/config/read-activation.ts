import type { Activation } from '../model/target.ts'
import { readDuration } from '../recipe/duration.ts'
import type { Place } from '../recipe/place.ts'
import { readFields, unexpected } from '../recipe/readers.ts'

/** All hosts together, as nothing else was said. */
export const atOnce: Activation = { batch: undefined, pauseMs: 0 }

/** How many hosts are activated at once, and how long to wait between them. */
export function readActivation(value: unknown, place: Place): Activation {
  const { batch, pause } = readFields(value, place, ['batch', 'pause'], '{ batch, pause }')
  return {
    batch: readBatch(batch, place.at('batch')),
    pauseMs: pause === undefined ? 0 : readDuration(pause, place.at('pause')),
  }
}

/** 1 % to 100 %, whole or not. */
const percentage = /^(?<percent>\d{1,3}(?:\.\d+)?)%$/

function readBatch(value: unknown, place: Place): Activation['batch'] {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return { hosts: value }
  const percent = typeof value === 'string' ? Number(percentage.exec(value)?.groups?.['percent']) : Number.NaN
  if (percent > 0 && percent <= 100) return { percent }
  unexpected(value, place, "a number of hosts or a percentage: 1 or '25%'")
  return undefined
}
