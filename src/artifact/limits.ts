/** Bounds on what is read of an archive, so that a small file cannot cost much memory or time. */
export interface ArchiveLimits {
  /** Bytes of the unpacked archive, headers included. */
  readonly unpackedBytes: number
  readonly entries: number
  readonly pkgInfoBytes: number
}

/** Far above any application; the worst archive within them costs some 20 s and 300 MB to refuse. */
export const ARCHIVE_LIMITS: ArchiveLimits = {
  unpackedBytes: 4 * 1024 ** 3,
  entries: 100_000,
  // It holds the long description, which is a README.
  pkgInfoBytes: 4 * 1024 ** 2,
}

/** No longer path can be opened on Linux (`PATH_MAX` of limits.h, with the NUL at its end). */
export const PATH_BYTES = 4095

/** No longer name can be made in a directory of Linux (`NAME_MAX` of limits.h). */
export const NAME_BYTES = 255

/** Directories within directories; keeps the checks of a hostile archive short. */
export const PATH_DEPTH = 100

/**
 * Of an sdist that a host is asked for. Packing makes nothing larger, but for a little around what cannot be packed.
 */
export const FETCHED_SDIST_BYTES = ARCHIVE_LIMITS.unpackedBytes
