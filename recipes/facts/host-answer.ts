/** What a host program printed as one JSON object, read field by field: a host may say anything. */
export interface Said {
  readonly value: (field: string) => unknown
  /** @throws Error where the host did not say it as a text */
  readonly text: (field: string) => string
}

/** @throws SyntaxError for what is no JSON */
export function saidIn(out: string): Said {
  const found: unknown = JSON.parse(out)
  const fields = new Map<string, unknown>(
    Object.entries(typeof found === 'object' && found !== null ? found : {}),
  )
  return {
    value: field => fields.get(field),
    text: field => {
      const value = fields.get(field)
      if (typeof value !== 'string') throw new Error(`the host did not say its ${field}`)
      return value
    },
  }
}
