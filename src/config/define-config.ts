import type { WrittenConfig } from './written-config.ts'

/**
 * Returns the configuration as it is. Only its type does something: the names and labels of `hosts` and the names of
 * `stages` are inferred, so that a stage that names another one does not compile, and neither does a slot or a key that does not exist.
 * The same rules, and more, are checked when the configuration is loaded.
 */
export function defineConfig<
  const Name extends string,
  const Label extends string = never,
  const Stage extends string = string,
>(config: WrittenConfig<Name, Label, Stage>): WrittenConfig<Name, Label, Stage> {
  return config
}
