import type { Builder } from '../model/builder.ts'
import type { Intent, RevisionName, Sha256, StageName } from '../model/names.ts'
import type { PolicyException } from '../model/version-policy.ts'

/** The revision that a run is about, decided once for the whole fleet. */
export interface Wanted {
  readonly name: RevisionName
  readonly project: string
  readonly version: string
  readonly sha256: Sha256
  /** From PKG-INFO; undefined where it says nothing or no sdist is at hand. */
  readonly requiresPython: string | undefined
  /** The file to upload where the revision does not stand; undefined: it has to stand everywhere. */
  readonly sdist:
    | { readonly path: string; readonly bytes: number; readonly unpackedBytes: number }
    | undefined
}

/** What the user asked for, after the revision was decided. */
export interface PlanRequest {
  readonly intent: Intent
  readonly wanted: Wanted
  readonly allowDowngrade: boolean
  /** `--accept` and `--reason`. */
  readonly exception: PolicyException | undefined
  /** The stage whose live revision is promoted. */
  readonly promotes: StageName | undefined
  /** What this machine kept of what the hosts would build, by the id of the build. */
  readonly kept: ReadonlyMap<Sha256, Builder>
}
