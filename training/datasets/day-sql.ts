/** The UTC day of a moment or date, days since 1970; portable. */
export const dayOf = (moment: string): string =>
  `cast(cast(${moment} as date) - cast('1970-01-01' as date) as double precision)`
