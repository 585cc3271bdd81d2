/** The envers and what runs between them, where the server placed them. Arrow keys walk along the wires. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { useLocation } from "wouter-preact";
import type { Schemas } from "../../api/client";
import { signOf, toneOf } from "../../ui/state";
import { addressOf } from "../../words";

type Around = Schemas["NeighbourhoodView"];
type Box = Schemas["PlacedEnver"];
type Wires = Schemas["PlacedWires"];

const MARGIN = 16;

export function Picture({ view }: { view: Around }) {
  const at = useSignal("");
  const svg = useRef<SVGSVGElement>(null);
  const [, go] = useLocation();
  const right = Math.max(...view.envers.map((one) => one.x + one.width)) + MARGIN;
  const bottom = Math.max(...view.envers.map((one) => one.y + one.height)) + MARGIN;
  const left = Math.min(...view.envers.map((one) => one.x)) - MARGIN;
  const top = Math.min(...view.envers.map((one) => one.y)) - MARGIN;

  const press = (event: KeyboardEvent, of: Box) => {
    if (event.key === "Enter") go(addressOf(of.enver));
    else if (event.key === "c") go(`/constellation?of=${encodeURIComponent(of.enver)}`);
    else {
      const next = along(view, of, event.key);
      if (!next) return;
      svg.current?.querySelector<SVGElement>(`[data-enver="${CSS.escape(next.enver)}"]`)?.focus();
    }
    event.preventDefault();
  };
  const touches = (one: Wires) => one.source === at.value || one.target === at.value;
  return (
    <div class="scrolled picture">
      <svg
        ref={svg} width={right - left} height={bottom - top} viewBox={`${left} ${top} ${right - left} ${bottom - top}`}
        role="group" aria-label="envers and wires; arrow keys walk along them" class={at.value ? "lit" : ""}
      >
        <defs>
          <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" /></marker>
        </defs>
        {view.wires.map((one) => (
          <g key={`${one.source} ${one.target} ${one.style}`} class={`wire ${one.style}${touches(one) ? " near" : ""}`}>
            <path d={run(one)} marker-end="url(#tip)" />
            <path d={run(one)} class="wide"><title>{[one.label, ...one.wires].join("\n")}</title></path>
            {one.lag > 0 && <Lag of={one} />}
          </g>
        ))}
        {view.envers.map((one) => (
          <g
            key={one.enver} class={`box ${toneOf(one.state)}${one.enver === view.enver ? " middle" : ""}`} transform={`translate(${one.x} ${one.y})`}
            data-enver={one.enver} data-row tabindex={0} role="link"
            onFocus={() => { at.value = one.enver; }} onBlur={() => { at.value = ""; }} onKeyDown={(event) => press(event, one)}
            onMouseEnter={() => { at.value = one.enver; }} onMouseLeave={() => { at.value = ""; }} onClick={() => go(addressOf(one.enver))}
          >
            <rect width={one.width} height={one.height} rx="7" />
            <text x="10" y={one.height / 2 - 7}>{one.label}</text>
            <text x="10" y={one.height / 2 + 9} class="small">
              <tspan class="sign"><tspan aria-hidden="true">{signOf(one.state)}</tspan> {one.state}</tspan> {one.stage}
            </text>
          </g>
        ))}
      </svg>
    </div>
  );
}

/** Where its wire ends. */
function Lag({ of }: { of: Wires }) {
  const [x = 0, y = 0] = of.points.at(-1) ?? [];
  return <text class="lag" x={x - 12} y={y} text-anchor="end" aria-hidden="true">−{of.lag}</text>;
}

/** Along its points, in soft curves from column to column. */
function run(of: Wires): string {
  const [first, ...rest] = of.points;
  if (!first) return "";
  let [x = 0, y = 0] = first;
  let path = `M${x} ${y}`;
  for (const [toX = 0, toY = 0] of rest) {
    const half = (toX - x) / 2;
    path += `C${x + half} ${y} ${toX - half} ${toY} ${toX} ${toY}`;
    [x, y] = [toX, toY];
  }
  return path;
}

/** Left to who is consumed of, right to who consumes, up and down within the column. */
function along(view: Around, of: Box, key: string): Box | undefined {
  const byHeight = (found: readonly Box[]) => [...found].sort((one, other) => Math.abs(one.y - of.y) - Math.abs(other.y - of.y))[0];
  const joined = (end: "source" | "target") => {
    const other = end === "source" ? "target" : "source";
    const to = new Set(view.wires.filter((one) => one[other] === of.enver).map((one) => one[end]));
    return byHeight(view.envers.filter((one) => to.has(one.enver)));
  };
  const column = view.envers.filter((one) => one.x === of.x);
  switch (key) {
    case "ArrowLeft": return joined("source");
    case "ArrowRight": return joined("target");
    case "ArrowDown": return byHeight(column.filter((one) => one.y > of.y));
    case "ArrowUp": return byHeight(column.filter((one) => one.y < of.y));
    default: return undefined;
  }
}
