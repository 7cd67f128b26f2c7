/** The name of a distribution, from the core metadata specification ("Name"; PEP 508, "Names"). */
const PROJECT_NAME = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/i

/** Says whether the text may name a Python distribution: ASCII letters, digits, and `. _ -` inside. */
export function isProjectName(name: string): boolean {
  return PROJECT_NAME.test(name)
}

/** The form in which names are compared: `My.Shop`, `my_shop` and `my--shop` are all `my-shop` (PEP 503). */
export function normaliseName(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase()
}

/** Says whether two spellings name the same project. */
export function sameProject(a: string, b: string): boolean {
  return normaliseName(a) === normaliseName(b)
}
