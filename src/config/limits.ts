/**
 * Of a configuration, a `package.json`, or a source that a configuration imports and whose lines are shown. A stage of a
 * thousand hosts has 100 KB.
 */
export const CONFIGURATION_BYTES = 4 * 1024 ** 2
