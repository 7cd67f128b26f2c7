/** What this folder has to know of names and versions. `pythonRules` of `src/version/` is one. */
export interface DistributionRules {
  /** The one spelling of a version; undefined when the text is none. */
  normaliseVersion(text: string): string | undefined
  /** Below 0 when `a` is the lower version, above 0 when it is the higher, 0 when they are equal. */
  compareVersions(a: string, b: string): number
  isProjectName(text: string): boolean
  /** Compares two spellings of a project's name. */
  sameProject(a: string, b: string): boolean
}
