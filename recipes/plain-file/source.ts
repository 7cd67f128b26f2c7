import { readFileSync } from 'node:fs'

/** The text of what goes before every Python program that opens files on a host. */
export const plainFile = (): string => readFileSync(new URL('./plain_file.py', import.meta.url), 'utf8')
