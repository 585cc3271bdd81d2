/** A part of a page. */
import type { ComponentChildren } from "preact";

export function Section({ title, beside, children }: { title: string; beside?: ComponentChildren; children: ComponentChildren }) {
  return <section><div class="head"><h2>{title}</h2>{beside}</div>{children}</section>;
}

/** Something that somebody should see to. */
export function Notice({ tone, children }: { tone: string; children: ComponentChildren }) {
  return <div class={`notice ${tone}`}>{children}</div>;
}
