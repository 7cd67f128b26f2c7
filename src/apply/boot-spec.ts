import type { Action, Task } from '../model/plan.ts'
import type { Body } from '../remote/messages.ts'
import { probeFields, runSpec } from './step-specs.ts'

type BootSpec = Body<'boot'>['spec']

/** A boot probe as the remote end carries it out: `{port}` is what the host has found free. */
export function bootSpec(
  task: Task,
  action: Extract<Action, { kind: 'boot-probe' }>,
  options: Parameters<typeof runSpec>[2],
): BootSpec {
  const server = action.listen === 'port' ? '127.0.0.1:{port}' : 'localhost'
  return {
    run: runSpec(task, { argv: action.argv }, options),
    probe: {
      step: options.step,
      url: `http://${server}${action.path}`,
      socket: null,
      ...probeFields(action),
      timeoutMs: task.timeoutMs,
    },
    listen: action.listen,
  }
}
