/** What all of the console knows of its server: who asks, what time it is there, and since when it says nothing. */
import { computed, signal } from "@preact/signals";
import type { Schemas } from "../api/client";

export type Who = Schemas["Whoami"];

/** Null: nobody is signed in; undefined: nobody knows yet. */
export const who = signal<Who | null | undefined>(undefined);

/** Since when what is shown may be old, by the browser's clock; null: it is live. */
export const cutOffSince = signal<number | null>(null);

const ahead = signal(0);
const ticked = signal(Date.now());
setInterval(() => { ticked.value = Date.now(); }, 15_000);

/** Milliseconds since the epoch, by the server's clock: browsers' clocks may be an hour off. */
export const now = computed(() => ticked.value + ahead.value);

const NOTICED = 2_000;

/** The server answered, at this time of its own. */
export function lookedAt(date: string | null): void {
  const there = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(there)) return;
  const found = there - Date.now();
  if (Math.abs(found - ahead.value) > NOTICED) ahead.value = found;
}

let since = 0;

export function signedIn(is: Who): void {
  since = performance.now();
  who.value = is;
}

/**
 * A session that was is over: what is on the page stays, and the sign-in is shown above it. What was asked before
 * somebody signed in says nothing of who he is now.
 */
export function signedOut(asked: number): void {
  if (asked >= since) who.value = null;
}
