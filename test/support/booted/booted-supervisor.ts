import { setTimeout as sleep } from 'node:timers/promises'
import type { HostSupervisor } from '../host-supervisor.ts'
import type { ProgramResult } from '../run-program.ts'

/** A host boots in a second; a machine that is busy with others takes longer. */
const BOOT_MS = 90_000

/** Runs a program as root on the host. */
type RunAsRoot = (argv: readonly string[]) => Promise<ProgramResult>

/**
 * The supervisor of a host whose SSH server is a service of its systemd. Starting it boots the host if it is off, and
 * otherwise starts the service. Debian's unit leaves sessions alone when the server stops.
 */
export function superviseBooted(
  supervisor: HostSupervisor,
  isOn: () => boolean,
  asRoot: RunAsRoot,
): HostSupervisor {
  const systemctl = async (...words: readonly string[]) => {
    const { code, stderr } = await asRoot(['systemctl', ...words])
    if (code !== 0) throw new Error(`systemctl ${words.join(' ')}: ${stderr.trim()}`)
  }
  return {
    ...supervisor,
    start: async argv => {
      if (await supervisor.isRunning()) return await systemctl('start', 'ssh')
      await supervisor.start(argv)
      await untilBooted(supervisor, isOn, asRoot)
    },
    stop: async () => await systemctl('stop', 'ssh'),
  }
}

/** @throws when the system ends, or is not up in time, with its last words */
async function untilBooted(
  supervisor: HostSupervisor,
  isOn: () => boolean,
  asRoot: RunAsRoot,
): Promise<void> {
  const end = Date.now() + BOOT_MS
  let said = 'no systemd'
  while (await supervisor.isRunning()) {
    if (isOn()) {
      const { stdout, stderr } = await asRoot(['systemctl', 'is-system-running'])
      said = `${stdout}${stderr}`.trim()
      // `degraded`: a unit has failed, which is for the test to see.
      if (said === 'running' || said === 'degraded') return
    }
    if (Date.now() > end) throw new Error(`a test host does not boot in ${BOOT_MS / 1000} s: ${said}`)
    await sleep(50)
  }
  throw new Error(`a test host does not boot: systemd-nspawn has ended, ${said}`)
}
