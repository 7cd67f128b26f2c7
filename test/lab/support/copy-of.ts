import { makeProject, type Project, type ProjectConfig } from '../../e2e/support/project.ts'
import type { Fleet } from '../../support/fleet.ts'

/** A project whose roots are copies of another one's: what many tests begin with is deployed once. */
export async function copyOf(fleet: Fleet, original: Project, config: ProjectConfig = {}): Promise<Project> {
  const project = await makeProject(fleet, config)
  for (const host of fleet.hosts) {
    const [from, to] = [original.rootOn(host.name), project.rootOn(host.name)]
    const { code, stderr } = await host.run(['cp', '-a', '--', `${from}/.`, to])
    if (code !== 0) throw new Error(`${host.name}: ${stderr}`)
  }
  return project
}
