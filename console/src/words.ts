/** Names and figures as people write them. */

/** `orders/b..main` is `orders@main`; its clone is `orders@main+fix-1`. */
export function labelOf(enver: string): string {
  const slash = enver.indexOf("/");
  if (slash < 0) return enver;
  return `${enver.slice(0, slash)}@${enver.slice(slash + 1).replace(/^b\.\./, "").replaceAll("-_b..", "+")}`;
}

/** `orders/b..main/bus` as `orders@main/bus`. */
export function productLabel(product: string): string {
  const [build = "", slot = "", ...name] = product.split("/");
  return `${labelOf(`${build}/${slot}`)}/${name.join("/")}`;
}

/** Where an enver is shown. */
export function addressOf(enver: string): string {
  const slash = enver.indexOf("/");
  return `/envers/${encodeURIComponent(enver.slice(0, slash))}/${encodeURIComponent(enver.slice(slash + 1))}`;
}

export const short = (commit: string): string => commit.slice(0, 7);

export const plural = (count: number, one: string, many = `${one}s`): string => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

const STEPS: readonly (readonly [number, string])[] = [[86_400, "d"], [3_600, "h"], [60, "min"], [1, "s"]];

/** `3 h`, `2 d`, `12 s`. */
export function duration(seconds: number): string {
  for (const [size, unit] of STEPS) if (seconds >= size) return `${Math.floor(seconds / size)} ${unit}`;
  return seconds > 0 ? `${seconds.toFixed(1)} s` : "0 s";
}

// Colours of terminals, and what hides, turns around or rewrites what stands beside it.
const ESCAPES = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[@-_]/g;
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** What somebody else wrote, as text that does nothing. */
export const inert = (text: string): string => text.replace(ESCAPES, "").replace(UNSEEN, "�");
