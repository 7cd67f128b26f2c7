/**
 * Says which of the known names was probably meant: the nearest one by edit distance, if no more than a third of
 * the longer name (at least one letter) differs. Undefined: nothing is near, a guess would only distract.
 */
export function closest(name: string, known: readonly string[]): string | undefined {
  let best: { readonly known: string; readonly distance: number } | undefined
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    const allowed = Math.max(1, Math.floor(Math.max(name.length, candidate.length) / 3))
    if (distance <= allowed && (best === undefined || distance < best.distance))
      best = { known: candidate, distance }
  }
  return best?.known
}

/** The hint for a name that is not known: what was probably meant, then everything that is allowed. */
export function suggestion(name: string, known: readonly string[], allowed = 'allowed'): string {
  const meant = closest(name, known)
  const all = known.length === 0 ? 'there are none' : `${allowed}: ${known.join(', ')}`
  return meant === undefined ? all : `did you mean '${meant}'? ${all}`
}

/** Letters to insert, delete, replace, or swap with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: readonly number[] = []
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1]
      const swapped = column > 1 && row > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    beforeLast = last
    last = current
  }
  return last[b.length] ?? 0
}
