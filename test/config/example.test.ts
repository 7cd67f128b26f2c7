import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.ts'
import { resolveTarget } from '../../src/config/resolve-target.ts'
import { loadToolModules } from '../../src/tool-modules.ts'

test('the example is a configuration in which nothing is wrong', async () => {
  const cwd = fileURLToPath(new URL('../..', import.meta.url))
  const modules = await loadToolModules()
  const config = await loadConfig({ cwd, file: 'stage.config.example.ts', home: '/home/ana', modules })
  const hosts = [...config.stages.keys()].map(stage => [
    stage,
    resolveTarget(config, stage).hosts.map(host => host.name),
  ])
  expect(Object.fromEntries(hosts)).toEqual({ staging: ['web1'], production: ['web2', 'web3'] })
})
