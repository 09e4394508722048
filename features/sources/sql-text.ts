/** A text as an SQL string literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** A name as an SQL identifier, whatever characters it has. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`
