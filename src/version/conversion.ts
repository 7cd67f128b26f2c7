/** What a version is in another scheme, or what would be lost of it there. */
export type Conversion =
  | {
      readonly kind: 'converted'
      readonly version: string
      /** What the order still does not say; undefined: it is kept against every other version. */
      readonly note: string | undefined
    }
  | {
      readonly kind: 'refused'
      /** Every reason, each a sentence without its full stop. */
      readonly lost: readonly string[]
      /** What to write instead. */
      readonly hint: string | undefined
    }

export const converted = (version: string, note?: string): Conversion => ({
  kind: 'converted',
  version,
  note,
})

export const refusedFor = (lost: readonly string[], hint?: string): Conversion => ({
  kind: 'refused',
  lost,
  hint,
})
