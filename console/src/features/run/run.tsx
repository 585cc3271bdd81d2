/** What a run is doing, or did. */
import { api, type Schemas, told } from "../../api/client";
import { useLoad } from "../../live/load";
import { now } from "../../live/status";
import { Commit, EnverLink, RunLink } from "../../ui/links";
import { Page } from "../../ui/page";
import { Notice, Section } from "../../ui/section";
import { Empty, Shown } from "../../ui/shown";
import { State } from "../../ui/state";
import { Ago } from "../../ui/time";
import { duration, inert, labelOf, productLabel } from "../../words";
import { Log } from "./log";

type Run = Schemas["RunView"];

export function RunPage({ params }: { params: { run: string } }) {
  const run = Number(params.run);
  const loaded = useLoad(`run ${run}`, () => told(api.GET("/api/v1/runs/{run}", { params: { path: { run } } })));
  const is = loaded.data;
  return (
    <Page
      title={is ? `Run ${run} of ${labelOf(is.enver)}` : `Run ${run}`}
      beside={is && <><State of={is.status} /><EnverLink to={is.enver} /></>}
    >
      <Shown of={loaded}>
        {(view) => (
          <>
            <Facts run={view} />
            {view.error && <Notice tone="bad"><b>It failed.</b> <pre>{inert(view.error)}</pre></Notice>}
            {view.cancelled && <Notice tone="waiting">{inert(view.cancelled)} wants it to end before it moves anything.</Notice>}
            <Steps run={view} />
            <Log run={run} isOver={view.finished_at !== null} />
          </>
        )}
      </Shown>
    </Page>
  );
}

function Facts({ run }: { run: Run }) {
  const took = (run.finished_at ?? now.value / 1000) - run.started_at;
  return (
    <dl class="facts">
      <div><dt>Why</dt><dd>{run.reasons.map(inert).join("; ") || "–"}</dd></div>
      <div><dt>Deploys</dt><dd><Commit id={run.fingerprint.commit} subject={run.fingerprint.subject} /></dd></div>
      <div><dt>Began</dt><dd><Ago at={run.started_at} /></dd></div>
      <div><dt>{run.finished_at === null ? "For" : "Took"}</dt><dd>{duration(Math.max(0, took))}</dd></div>
      <div><dt>Mode</dt><dd>{run.mode}</dd></div>
      {run.worker && <div><dt>By</dt><dd>{inert(run.worker)}, attempt {run.attempt}</dd></div>}
      {run.published.length > 0 && <div><dt>Published</dt><dd>{run.published.map((one) => `${productLabel(one.product)} #${one.version}`).join(", ")}</dd></div>}
    </dl>
  );
}

/** Each step with a bar of its time: which one is slow is seen at once. */
function Steps({ run }: { run: Run }) {
  if (!run.steps.length) return null;
  const longest = Math.max(...run.steps.map((one) => one.seconds ?? 0), 0.001);
  const next = run.finished_at === null ? run.steps.findIndex((one) => !one.done) : -1;
  return (
    <Section title="Steps">
      <ol class="steps">
        {run.steps.map((one, number) => (
          <li key={`${number} ${one.step}`} class={one.done ? "good" : number === next ? "moving" : "none"}>
            <span class="sign" aria-hidden="true">{one.done ? "✓" : number === next ? "▸" : "○"}</span>
            <span class="step">{inert(one.step)}<span class="hidden">{one.done ? ", done" : number === next ? ", under way" : ", not begun"}</span></span>
            {one.seconds === null ? <span /> : <meter min={0} max={longest} value={one.seconds} aria-hidden="true" />}
            <span class="faint">{one.seconds === null ? "" : duration(one.seconds)}</span>
          </li>
        ))}
      </ol>
    </Section>
  );
}

export function RunsPage() {
  const loaded = useLoad("runs", () => told(api.GET("/api/v1/runs", { params: { query: { limit: 100 } } })));
  return (
    <Page title="Runs">
      <Shown of={loaded}>
        {({ items }) => items.length === 0 ? <Empty says="Nothing ran yet." command="odmd apply" /> : (
          <ol class="list">
            {items.map((one) => (
              <li key={one.id} data-row>
                <RunLink to={one.id} /> <State of={one.status} /> <EnverLink to={one.enver} />
                <span class="grow">{one.reasons.map(inert).join("; ")}</span> <Ago at={one.started_at} />
              </li>
            ))}
          </ol>
        )}
      </Shown>
    </Page>
  );
}
