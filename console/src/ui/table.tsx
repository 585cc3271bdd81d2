/** Tables that can be taken along as CSV. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";

interface TableProps {
  label: string;
  columns: readonly string[];
  /** As CSV has them. */
  csv: () => readonly (readonly string[])[];
  children: ComponentChildren;
}

export function Table({ label, columns, csv, children }: TableProps) {
  const copied = useSignal(false);
  const copy = async () => {
    await navigator.clipboard.writeText(asCsv([columns, ...csv()]));
    copied.value = true;
    window.setTimeout(() => { copied.value = false; }, 2_000);
  };
  return (
    <div class="table">
      <div class="scrolled" tabIndex={0} role="region" aria-label={label}>
        <table>
          <thead><tr>{columns.map((one) => <th scope="col" key={one}>{one}</th>)}</tr></thead>
          <tbody>{children}</tbody>
        </table>
      </div>
      <button type="button" class="quiet" onClick={() => void copy()}>{copied.value ? "Copied" : "Copy as CSV"}</button>
    </div>
  );
}

// What begins like a formula would be one in a spreadsheet.
const FORMULA = /^[=+\-@\t\r]/;

export function asCsv(rows: readonly (readonly string[])[]): string {
  const field = (text: string) => `"${(FORMULA.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
  return rows.map((row) => row.map(field).join(",")).join("\r\n");
}
