/** A metric in a verdict: four significant digits. */
export const figure = (value: number): string => String(Number(value.toPrecision(4)))
