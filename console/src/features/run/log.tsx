/** What a run said: found in, linked to, and as long as it likes; only the lines that are seen are in the page. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api, Problem, type Schemas, told } from "../../api/client";
import { useQuery } from "../../live/query";
import { Section } from "../../ui/section";
import { Empty, ProblemShown } from "../../ui/shown";
import { inert, plural } from "../../words";

type Line = Schemas["Line"];

const HEIGHT = 20;
const AROUND = 20;
const PAGE = 5_000;
const AGAIN_MS = 1_000;

export function Log({ run, isOver }: { run: number; isOver: boolean }) {
  const query = useQuery();
  const { lines, problem } = useLines(run, isOver);
  const box = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const tall = useSignal(400);
  const at = useSignal(0);
  const sought = query.get("find").toLowerCase();
  const wanted = Number(query.get("line"));
  const all = lines.value ?? [];
  const found = sought ? all.flatMap((line, number) => (line.text.toLowerCase().includes(sought) ? [number] : [])) : [];

  const show = (number: number) => box.current?.scrollTo({ top: Math.max(0, number * HEIGHT - tall.value / 2) });
  const step = (by: number) => {
    if (!found.length) return;
    at.value = (at.value + by + found.length) % found.length;
    show(found[at.value] ?? 0);
  };
  useEffect(() => { at.value = 0; if (found.length) show(found[0] ?? 0); }, [sought]);
  const wantedAt = wanted ? all.findIndex((line) => line.number === wanted) : -1;
  useEffect(() => { if (wantedAt >= 0) show(wantedAt); }, [wantedAt]);
  useFollow(box, all.length, isOver);

  if (problem.value) return <Section title="Log"><ProblemShown of={problem.value} /></Section>;
  if (lines.value === undefined) return null;
  if (lines.value.length === 0) return <Section title="Log"><Empty says={isOver ? "Nothing of it is kept any more." : "It has not said anything yet."} /></Section>;
  const first = Math.max(0, Math.floor(top.value / HEIGHT) - AROUND);
  const last = Math.min(all.length, Math.ceil((top.value + tall.value) / HEIGHT) + AROUND);
  return (
    <Section
      title="Log"
      beside={
        <div class="find">
          <label>Find <input
            type="search" value={query.get("find")} onInput={(event) => query.set({ find: event.currentTarget.value })}
            onKeyDown={(event) => { if (event.key === "Enter") { event.preventDefault(); step(event.shiftKey ? -1 : 1); } }}
          /></label>
          <span role="status">{sought && (found.length ? `${at.value + 1} of ${found.length}` : "not there")}</span>
          <span class="faint">{plural(all.length, "line")}</span>
        </div>
      }
    >
      <div
        class="log" ref={box} tabIndex={0} role="region" aria-label="log"
        onScroll={(event) => { top.value = event.currentTarget.scrollTop; tall.value = event.currentTarget.clientHeight; }}
      >
        <div class="lines" style={{ height: `${all.length * HEIGHT}px` }}>
          {all.slice(first, last).map((line, number) => (
            <div key={line.number} class={`line${line.number === wanted ? " wanted" : ""}${line.lasting ? " lasting" : ""}`} style={{ top: `${(first + number) * HEIGHT}px` }}>
              <a href={`?line=${line.number}`} onClick={(event) => { event.preventDefault(); query.set({ line: String(line.number) }); }}>{first + number + 1}</a>
              <span><Marked text={line.text} sought={sought} isAt={found[at.value] === first + number} /></span>
            </div>
          ))}
        </div>
      </div>
    </Section>
  );
}

/** All that was said so far, and what comes. */
function useLines(run: number, isOver: boolean) {
  const lines = useSignal<Line[] | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  const over = useRef(isOver);
  over.current = isOver;
  useEffect(() => {
    let gone = false, timer = 0;
    const ask = async () => {
      for (;;) {
        const after = lines.value?.at(-1)?.number ?? 0;
        const page = await told(api.GET("/api/v1/runs/{run}/log", { params: { path: { run }, query: { after, limit: PAGE } } })).catch((wrong: unknown) => {
          problem.value = wrong instanceof Problem && wrong.status !== 401 ? wrong : undefined;
        });
        if (gone) return;
        if (page) problem.value = undefined;
        if (page) lines.value = [...(lines.value ?? []), ...page.items.map((line) => ({ ...line, text: inert(line.text) }))];
        if (!page?.next) break;
      }
      if (!over.current) timer = window.setTimeout(() => void ask(), AGAIN_MS);
    };
    void ask();
    return () => { gone = true; window.clearTimeout(timer); };
  }, [run, isOver]);
  return { lines, problem };
}

/** Who looks at the end of a run that goes on stays there. */
function useFollow(box: { current: HTMLDivElement | null }, count: number, isOver: boolean): void {
  const before = useRef(0);
  useEffect(() => {
    const is = box.current;
    const wasAtEnd = is && is.scrollTop + is.clientHeight >= before.current * HEIGHT - HEIGHT;
    if (is && wasAtEnd && !isOver && before.current) is.scrollTo({ top: count * HEIGHT });
    before.current = count;
  }, [count]);
}

function Marked({ text, sought, isAt }: { text: string; sought: string; isAt: boolean }) {
  const found = sought ? text.toLowerCase().indexOf(sought) : -1;
  if (found < 0) return <>{text}</>;
  const end = found + sought.length;
  return <>{text.slice(0, found)}<mark class={isAt ? "at" : ""}>{text.slice(found, end)}</mark>{text.slice(end)}</>;
}
