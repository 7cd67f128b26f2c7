import { readFileSync } from 'node:fs'
import { plainFile } from '../plain-file/source.ts'

/** The source of a Python program that stands beside this file and runs on hosts. */
export const hostProgram = (name: string): string =>
  `${plainFile()}\n${readFileSync(new URL(`./${name}.py`, import.meta.url), 'utf8')}`
