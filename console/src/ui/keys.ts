/** Keys: `g o` goes, `j` and `k` walk along rows, `/` finds, `?` helps. Nobody who types is disturbed. */
import { useEffect } from "preact/hooks";

const PLACES: Record<string, string> = { o: "/", i: "/inbox", c: "/constellation", r: "/runs", v: "/values", a: "/activity" };

const CHORD_MS = 1_200;
/** Long before the page was there, by whose time events are stamped. */
const NEVER = -Infinity;

const types = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));

export interface Keys {
  go(path: string): void;
  find(): void;
  help(): void;
}

export function useKeys(keys: Keys): void {
  useEffect(() => {
    let chord = NEVER;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || types(event.target)) return;
      const place = event.timeStamp - chord < CHORD_MS ? PLACES[event.key] : undefined;
      chord = event.key === "g" ? event.timeStamp : NEVER;
      const act = place !== undefined ? () => keys.go(place) : ACTS[event.key]?.(keys);
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}

const ACTS: Record<string, (keys: Keys) => (() => void) | undefined> = {
  "/": (keys) => () => keys.find(),
  "?": (keys) => () => keys.help(),
  a: () => reason(),
  j: () => () => walk(1),
  k: () => () => walk(-1),
};

/** To the reason of what the cursor is at, or of the first that asks; Ctrl+Enter says yes. */
function reason(): (() => void) | undefined {
  const row = document.activeElement?.closest("[data-row]") ?? document.querySelector("[data-row]");
  const field = row?.querySelector<HTMLElement>("[name=why]");
  return field ? () => field.focus() : undefined;
}

/** To the next row, or the one before. */
function walk(by: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>("[data-row]")];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))];
  const target = next?.matches("a, button") ? next : next?.querySelector<HTMLElement>("a, button");
  target?.focus();
  next?.scrollIntoView({ block: "nearest" });
}
