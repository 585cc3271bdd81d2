/**
 * One event stream for all tabs: the tab that holds a lock listens, and tells the others. What comes is a hint that
 * something moved; whoever shows something asks for it again.
 */
import { effect, signal } from "@preact/signals";
import { cutOffSince, who } from "./status";

/** Counts up whenever something may have moved. */
export const moved = signal(0);

type Message = { kind: "moved" } | { kind: "live" } | { kind: "cut"; since: number } | { kind: "ask" };

const EVENTS = "/api/v1/events";
const AGAIN_MS = 2_000;
/** For proxies that hold a stream back. */
const LOOK_ANYWAY_MS = 60_000;

const channel = new BroadcastChannel("odmd");
let listens = false;

/** Begins to listen, as soon as somebody is signed in. */
export function follow(): void {
  channel.onmessage = (event: MessageEvent<Message>) => hear(event.data);
  channel.postMessage({ kind: "ask" } satisfies Message);
  setInterval(() => { if (!document.hidden) moved.value++; }, LOOK_ANYWAY_MS);
  void navigator.locks.request("odmd-stream", () => new Promise<never>(listen));
}

function hear(message: Message): void {
  switch (message.kind) {
    case "moved": moved.value++; break;
    case "live": cutOffSince.value = null; moved.value++; break; // what was missed until now is asked for
    case "cut": cutOffSince.value ??= message.since; break;
    case "ask": if (listens) channel.postMessage(standing()); break;
  }
}

const standing = (): Message => cutOffSince.value === null ? { kind: "live" } : { kind: "cut", since: cutOffSince.value };

function tell(message: Message): void {
  hear(message);
  channel.postMessage(message);
}

function listen(): void {
  listens = true;
  let source: EventSource | null = null;
  let again = 0;
  const open = () => {
    source?.close();
    source = new EventSource(EVENTS);
    source.onopen = () => tell({ kind: "live" });
    source.addEventListener("log", () => tell({ kind: "moved" }));
    source.onerror = () => {
      tell({ kind: "cut", since: Date.now() });
      // Refused, or gone behind: it does not come back by itself, and begins anew.
      if (source?.readyState === EventSource.CLOSED) again = window.setTimeout(open, AGAIN_MS);
    };
  };
  effect(() => {
    const isIn = Boolean(who.value);
    window.clearTimeout(again);
    if (isIn) open();
    else source?.close();
  });
}
