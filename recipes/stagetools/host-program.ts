import { readFileSync } from 'node:fs'

/** The source of a Python program that stands beside this file and runs on hosts. */
export const hostProgram = (name: 'account' | 'ask' | 'compare' | 'names'): string =>
  readFileSync(new URL(`./${name}.py`, import.meta.url), 'utf8')
