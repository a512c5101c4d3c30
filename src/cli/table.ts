/** Plain-text tables: the first column to the left, the others to the right. */

export type Cell = string | number | undefined;

/** Lines of a table without rules, columns two spaces apart. Missing cells stay blank. */
export function renderTable(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cells = [head, ...rows].map((row) => head.map((_, i) => String(row[i] ?? '')));
  const widths = head.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
  return cells
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** 1234567 → "1,234,567" */
export function thousands(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
}
