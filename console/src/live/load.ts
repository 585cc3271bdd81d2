/** What a page shows, asked for when it is opened, when its address changes, and when something moved. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Problem } from "../api/client";
import { moved } from "./stream";

export interface Loaded<T> {
  readonly data: T | undefined;
  readonly problem: Problem | undefined;
  /** Asks again, now. */
  readonly reload: () => void;
}

const LEAST_MS = 150;
/** Between two looks there is this much more time than one takes: who is busy is not made busier. */
const REST = 3;

/** The same key is the same thing: what is there of it stays until there is something newer. */
export function useLoad<T>(key: string, ask: () => Promise<T>): Loaded<T> {
  const data = useSignal<{ key: string; of: T } | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  const asking = useRef(ask);
  const look = useRef(() => {});
  asking.current = ask;

  useEffect(() => {
    let over = false, busy = false, wanted = false, timer = 0, took = 0;
    const once = async () => {
      const began = performance.now();
      busy = true;
      wanted = false;
      try {
        const of = await asking.current();
        if (over) return;
        data.value = { key, of };
        problem.value = undefined;
      } catch (wrong) {
        if (over) return;
        problem.value = wrong instanceof Problem ? wrong : new Problem(0, "", String(wrong), "load the page again", "");
      } finally {
        busy = false;
        took = performance.now() - began;
        if (wanted && !over) soon();
      }
    };
    const soon = () => {
      wanted = true;
      if (busy || timer) return;
      timer = window.setTimeout(() => { timer = 0; void once(); }, Math.max(LEAST_MS, took * REST));
    };
    look.current = () => void once();
    let first = true;
    const forget = moved.subscribe(() => { if (first) first = false; else soon(); });
    void once();
    return () => { over = true; window.clearTimeout(timer); forget(); };
  }, [key]);

  const is = data.value?.key === key ? data.value.of : undefined;
  return { data: is, problem: problem.value, reload: () => look.current() };
}
