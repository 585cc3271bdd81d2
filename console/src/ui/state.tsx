/** States in colours of their own, each with a sign: who sees no colours sees the same. */
const SIGNS: Record<string, string> = {
  deployed: "✓", succeeded: "✓", deploying: "▸", running: "▸", started: "▸", dispatched: "▸", asks: "?", waiting: "…",
  held: "‖", leaving: "←", removed: "–", declared: "○", failed: "✕", interrupted: "!", drifted: "≠", unknown: "!", unreadable: "!",
};

const TONES: Record<string, string> = {
  deployed: "good", succeeded: "good", deploying: "moving", running: "moving", started: "moving", dispatched: "moving",
  asks: "asking", waiting: "waiting", leaving: "waiting", held: "held", declared: "none", removed: "none",
};

export const toneOf = (state: string): string => TONES[state] ?? "bad";
export const signOf = (state: string): string => SIGNS[state] ?? "!";

export function State({ of }: { of: string }) {
  return <span class={`state ${toneOf(of)}`}><span class="sign" aria-hidden="true">{signOf(of)}</span>{of}</span>;
}
