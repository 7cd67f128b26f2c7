import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { mustRun, runProgram } from '../support/run-program.ts'

const EVENTUALLY = { timeout: 30_000 }

/** What a host holds of this machine, named by something that only its owner has. */
async function holdings(owner: number, directory: string, address: string): Promise<readonly string[]> {
  const id = `stage-booted-${owner}-`
  const processes = await runProgram(['pgrep', '--list-full', '--full', `${directory}|${id}`])
  const groups = await runProgram(['find', '/sys/fs/cgroup', '-maxdepth', '2', '-name', `${id}*`])
  const rules = await runProgram(['iptables-save'])
  const route = await runProgram(['ip', 'route', 'show', `${address}/30`])
  const mounts = await mustRun(['cat', '/proc/self/mounts'])
  const files = await runProgram(['find', directory, '-maxdepth', '0'])
  return [
    ...processes.stdout.split('\n').filter(line => line !== ''),
    ...groups.stdout.split('\n').filter(line => line !== ''),
    ...rules.stdout.split('\n').filter(line => line.includes(id)),
    ...route.stdout.split('\n').filter(line => line !== ''),
    ...mounts.split('\n').filter(line => line.includes(directory)),
    ...files.stdout.split('\n').filter(line => line !== ''),
  ]
}

const ends = {
  'is done': (owner: ReturnType<typeof startElsewhere>) => void owner.stdin.end(),
  'is killed': (owner: ReturnType<typeof startElsewhere>) => void owner.kill('SIGKILL'),
}

function startElsewhere() {
  const program = fileURLToPath(new URL('support/start-and-wait.ts', import.meta.url))
  const owner = spawn(process.execPath, ['--import', 'jiti/register', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void owner.kill('SIGKILL'))
  return owner
}

test.each(Object.keys(ends) as readonly (keyof typeof ends)[])(
  'a host whose owner %s leaves no process, control group, rule, route, mount or file',
  async end => {
    const owner = startElsewhere()
    const gone = once(owner, 'close')
    const [line] = await once(createInterface({ input: owner.stdout }), 'line')
    const { directory, address }: { readonly directory: string; readonly address: string } = JSON.parse(
      String(line),
    )
    const held = async () => await holdings(owner.pid ?? 0, directory, address)
    // Of the firewall alone there are three rules.
    expect((await held()).length).toBeGreaterThan(6)
    ends[end](owner)
    await gone
    await expect.poll(held, EVENTUALLY).toEqual([])
  },
)
