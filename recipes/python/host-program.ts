import { readFileSync } from 'node:fs'

/** The source of a Python program that stands beside this file and runs on hosts. */
export const hostProgram = (name: string): string =>
  readFileSync(new URL(`./${name}.py`, import.meta.url), 'utf8')
