import { StageError } from '../model/stage-error.ts'
import { Place } from './place.ts'

/**
 * What was read, if nothing was wrong with it.
 *
 * @param what the constructor that the writer called; it begins the message
 * @throws StageError `config` with every problem; the message is the first one, so that a stack trace says it
 */
export function valid<Value>(what: string, read: (place: Place) => Value): Value {
  const place = new Place()
  const value = read(place)
  const [first, ...more] = place.problems
  if (first === undefined) return value
  const where = first.where === '' ? what : `${what}: ${first.where}`
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`
  const details = { problems: place.problems }
  throw new StageError(
    'config',
    `${where}: ${first.message}${others}`,
    first.hint === undefined ? details : { ...details, hint: first.hint },
  )
}
