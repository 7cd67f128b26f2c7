import { beforeTheSwitch } from './mutants/before-the-switch.ts'
import type { Mutant } from './mutants/mutant.ts'
import { theHosts } from './mutants/the-hosts.ts'
import { theRunner } from './mutants/the-runner.ts'
import { theSwitch } from './mutants/the-switch.ts'
import { whatIsGiven } from './mutants/what-is-given.ts'

/** Every protection that the lab was seen to miss when it is taken out: `npm run lab:mutants`. */
export const mutants: readonly Mutant[] = [
  ...beforeTheSwitch,
  ...theSwitch,
  ...theRunner,
  ...theHosts,
  ...whatIsGiven,
]
