/** How an enver stands, and what of it somebody should see to. */
import { Link } from "wouter-preact";
import type { Schemas } from "../../api/client";
import { Commit, RunLink } from "../../ui/links";
import { Notice } from "../../ui/section";
import { Ago } from "../../ui/time";
import { inert, plural } from "../../words";

type Enver = Schemas["EnverView"];

export function Standing({ view }: { view: Enver }) {
  return (
    <div class="standing">
      <dl class="facts">
        <div><dt>Runs</dt><dd><Commit id={view.commit} subject={view.subject} /></dd></div>
        {view.run && <div><dt>Under way</dt><dd><RunLink to={view.run} /></dd></div>}
        {view.last_run && <div><dt>Last</dt><dd><RunLink to={view.last_run} /></dd></div>}
        {view.seen && <div><dt>Seen so</dt><dd><Ago at={view.seen} /></dd></div>}
        {view.head_read && <div><dt>Branch read</dt><dd><Ago at={view.head_read} /></dd></div>}
        {view.units.length > 0 && <div><dt>Made of</dt><dd>{view.units.map((one) => one.name).join(", ")}</dd></div>}
      </dl>
      {view.failure && <Notice tone="bad"><b>It failed.</b> <pre>{inert(view.failure)}</pre></Notice>}
      {view.unreadable && <Notice tone="bad"><b>Its source cannot be read:</b> {inert(view.unreadable.next_step)}</Notice>}
      {view.asks.length > 0 && (
        <Notice tone="asking">It asks about {view.asks.map((one) => inert(one.about)).join(", ")}. <Link href="/inbox">Answer</Link></Notice>
      )}
      {view.held_at && <Notice tone="held">It is held at <RunLink to={view.held_at} /> until somebody releases it.</Notice>}
      {view.overdue.map((one) => (
        <Notice key={one.input} tone="bad">{inert(one.input)} is {plural(one.versions, "version")} behind, and the objective is {one.broken.join(" and ")}. <code>{one.mend}</code></Notice>
      ))}
      {view.troubles.map((one) => <Notice key={one} tone="bad">{inert(one)}; it is tried again.</Notice>)}
      <Drift of={view.drift ?? null} />
    </div>
  );
}

function Drift({ of }: { of: Enver["drift"] | null }) {
  if (!of?.findings.length) return null;
  return (
    <Notice tone="bad">
      <b>It is not as it was deployed.</b>
      <ul>
        {of.findings.map((one) => (
          <li key={one.id}>
            {one.unit}: {inert(one.what)}{one.expected && <>, expected <code>{inert(one.expected)}</code></>}{one.found && <>, found <code>{inert(one.found)}</code></>}
            {one.changed?.by && <>, by {inert(one.changed.by)}</>}
          </li>
        ))}
      </ul>
    </Notice>
  );
}
