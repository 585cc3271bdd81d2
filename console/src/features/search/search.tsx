/** Finds envers, builds, teams, products and commits by a few letters. */
import { useSignal } from "@preact/signals";
import type { Ref } from "preact";
import { useRef } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { api, type Schemas, told } from "../../api/client";
import { addressOf } from "../../words";

type Hit = Schemas["Hit"];

const QUIET_MS = 120;

export function Search({ field }: { field: Ref<HTMLInputElement> }) {
  const hits = useSignal<readonly Hit[] | null>(null);
  const at = useSignal(0);
  const asked = useRef({ timer: 0, number: 0 });
  const [, go] = useLocation();

  const ask = (text: string) => {
    const number = ++asked.current.number;
    window.clearTimeout(asked.current.timer);
    if (!text.trim()) { hits.value = null; return; }
    asked.current.timer = window.setTimeout(async () => {
      const found = await told(api.GET("/api/v1/search", { params: { query: { text } } })).catch(() => []);
      if (number !== asked.current.number) return;
      hits.value = found;
      at.value = 0;
    }, QUIET_MS);
  };
  const open = (hit: Hit | undefined, input: HTMLInputElement | null) => {
    if (!hit) return;
    hits.value = null;
    if (input) { input.value = ""; input.blur(); }
    go(placeOf(hit));
  };
  const press = (event: KeyboardEvent) => {
    const input = event.currentTarget as HTMLInputElement;
    const found = hits.value ?? [];
    if (event.key === "Escape") { hits.value = null; input.blur(); }
    else if (event.key === "Enter") open(found[at.value], input);
    else if (event.key === "ArrowDown" && found.length) at.value = (at.value + 1) % found.length;
    else if (event.key === "ArrowUp" && found.length) at.value = (at.value + found.length - 1) % found.length;
    else return;
    event.preventDefault();
  };

  const found = hits.value;
  return (
    <div class="search" role="search">
      <input
        ref={field} type="search" placeholder="Find  /" aria-label="Find an enver, build, team, product or commit"
        role="combobox" aria-expanded={found !== null} aria-controls="hits" aria-autocomplete="list" autocomplete="off"
        {...(found?.length ? { "aria-activedescendant": `hit-${at.value}` } : {})}
        onInput={(event) => ask(event.currentTarget.value)} onKeyDown={press} onBlur={() => { hits.value = null; }}
      />
      <ul id="hits" role="listbox" aria-label="found" hidden={found === null}>
        {found?.length === 0 && <li class="faint" role="option" aria-selected={false}>Nothing has that in its name.</li>}
        {found?.map((hit, number) => (
          <li
            key={`${hit.kind} ${hit.address}`} id={`hit-${number}`} role="option" aria-selected={number === at.value}
            onMouseDown={(event) => { event.preventDefault(); open(hit, null); }}
          >
            <b>{hit.name}</b> <small>{hit.kind === hit.about ? hit.kind : `${hit.kind} · ${hit.about}`}</small>
          </li>
        ))}
      </ul>
    </div>
  );
}

function placeOf(hit: Hit): string {
  switch (hit.kind) {
    case "build": return `/?build=${encodeURIComponent(hit.name)}`;
    case "team": return `/?team=${encodeURIComponent(hit.name)}`;
    case "product": return addressOf(hit.address.split("/").slice(0, 2).join("/"));
    default: return addressOf(hit.address);
  }
}
