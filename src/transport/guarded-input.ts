import { Writable } from 'node:stream'

/**
 * Puts a Writable in front of one that may die at any time.
 *
 * Back-pressure is the target's own. What the target does not do, this does: every write is called back, also when
 * the target is gone (ssh2 forgets the callback of a write to a closed channel), and no fault of the target becomes
 * an `error` event. A program that ended early is no fault: the input closes, and how the program ended says the rest.
 */
export function guardedInput(target: Writable): Writable {
  let unanswered: ((error?: Error) => void) | undefined
  const answerOf = (callback: (error?: Error) => void) => {
    unanswered = callback
    return (error?: Error | null) => {
      if (unanswered !== callback) return
      if (error) input.destroy()
      else {
        unanswered = undefined
        callback()
      }
    }
  }
  const input = new Writable({
    write: (chunk: Buffer, _encoding, callback) => void target.write(chunk, answerOf(callback)),
    final: callback => void target.end(answerOf(callback)),
    destroy(error, callback) {
      const answer = unanswered
      unanswered = undefined
      answer?.(new Error('the program no longer reads its input'))
      callback(error)
    },
  })
  input.on('error', () => undefined)
  target.on('error', () => input.destroy())
  target.on('close', () => input.destroy())
  return input
}
