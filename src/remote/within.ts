import { setTimeout as sleep } from 'node:timers/promises'

/** What the promise resolves to, or undefined when it took longer. The promise itself goes on. */
export async function within<T>(limitMs: number, promise: Promise<T>): Promise<T | undefined> {
  const timer = new AbortController()
  try {
    return await Promise.race([promise, sleep(limitMs, undefined, { signal: timer.signal })])
  } finally {
    timer.abort()
  }
}
