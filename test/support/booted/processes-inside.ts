import { readFileSync } from 'node:fs'

/**
 * Process 1 of the PID namespace that stands so many levels below that of `keeper`, as this machine numbers it.
 *
 * @param keeper the process that was started for the host
 * @param levels 1: the host's supervisor; 2: its systemd, which is another process after each boot
 * @returns undefined while there is none
 */
export function firstProcess(keeper: number, levels: number): number | undefined {
  const depth = namespacePids(keeper).length + levels
  const waiting = [keeper]
  for (let pid = waiting.shift(); pid !== undefined; pid = waiting.shift()) {
    const numbers = namespacePids(pid)
    if (numbers.length === depth && numbers.at(-1) === '1') return pid
    if (numbers.length < depth) waiting.push(...childrenOf(pid))
  }
  return undefined
}

/** Its number in each namespace, from ours to its own: proc_pid_status(5). None: it is gone. */
function namespacePids(pid: number): readonly string[] {
  const line = /^NSpid:\s*(.*)$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? ''
  return line.split(/\s+/).filter(number => number !== '')
}

function childrenOf(pid: number): readonly number[] {
  return read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number)
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
