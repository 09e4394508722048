/**
 * Columns set to their widest cell; those whose cells all read as numbers are set to the right.
 *
 * @param rows each as long as `header`
 */
export function textTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]!.length)))
  const isNumber = header.map(
    (_, column) => rows.length > 0 && rows.every((row) => /^(–|-?[\d.,e+-]+( \[.*\])?)$/.test(row[column]!)),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (isNumber[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd()
  return [line(header), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join('\n')
}
