/** What needs me: builds by stages, with the state of every enver. */
import { Link } from "wouter-preact";
import { api, type Schemas, told } from "../../api/client";
import { useLoad } from "../../live/load";
import { useQuery } from "../../live/query";
import { who } from "../../live/status";
import { Page } from "../../ui/page";
import { Empty, Shown } from "../../ui/shown";
import { signOf, State, toneOf } from "../../ui/state";
import { addressOf, labelOf, plural, short } from "../../words";

type Overview = Schemas["OverviewView"];
type Row = Schemas["BuildRow"];
type Cell = Schemas["CellView"];

const PAGE = 100;
const MOST = 500;

export function OverviewPage() {
  const query = useQuery();
  const [team, state, text] = [query.get("team"), query.get("state"), query.get("build")];
  const limit = Math.min(MOST, Number(query.get("show")) || PAGE);
  const mine = who.value?.teams ?? [];
  const teams = team === "mine" ? mine : team ? [team] : [];
  const loaded = useLoad(`overview ${teams} ${state} ${text} ${limit}`, () =>
    told(api.GET("/api/v1/overview", { params: { query: { team: teams, state, text, limit } } })),
  );
  return (
    <Page title="Overview" beside={<Filters teams={loaded.data?.teams ?? []} hasTeams={mine.length > 0} />}>
      <Shown of={loaded}>
        {(view) => (
          <>
            <Summary view={view} chosen={state} choose={(one) => query.set({ state: one })} />
            <Matrix view={view} filtered={Boolean(team || state || text)} />
            {view.next && limit < MOST && (
              <button type="button" onClick={() => query.set({ show: String(limit + PAGE) })}>Show more of {plural(view.found, "build")}</button>
            )}
            {view.next && limit >= MOST && <p class="faint">The first {MOST} of {plural(view.found, "build")}: filter for the others.</p>}
          </>
        )}
      </Shown>
    </Page>
  );
}

function Filters({ teams, hasTeams }: { teams: readonly string[]; hasTeams: boolean }) {
  const query = useQuery();
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      <label>Build <input type="search" value={query.get("build")} onInput={(event) => query.set({ build: event.currentTarget.value, show: "" })} /></label>
      <label>
        Team{" "}
        <select value={query.get("team")} onChange={(event) => query.set({ team: event.currentTarget.value, show: "" })}>
          <option value="">all</option>
          {hasTeams && <option value="mine">my teams</option>}
          {teams.map((team) => <option key={team} value={team}>{team}</option>)}
        </select>
      </label>
    </form>
  );
}

interface SummaryProps {
  view: Overview;
  chosen: string;
  choose: (state: string) => void;
}

/** How many are in which state; each of them is a filter. */
function Summary({ view, chosen, choose }: SummaryProps) {
  const states = Object.entries(view.states).sort(([one], [other]) => order(one) - order(other) || one.localeCompare(other));
  return (
    <div class="summary">
      <ul class="chips" aria-label="envers by state">
        {states.map(([state, count]) => (
          <li key={state}>
            <button type="button" class={`chip ${toneOf(state)}`} aria-pressed={state === chosen} onClick={() => choose(state === chosen ? "" : state)}>
              <b>{count.toLocaleString("en")}</b> <State of={state} />
            </button>
          </li>
        ))}
      </ul>
      {view.questions > 0 && <Link href="/inbox" class="needs">{plural(view.questions, "question waits", "questions wait")} for an answer</Link>}
      {view.furthest && (
        <Link href={addressOf(view.furthest)} class="faint">furthest behind: {labelOf(view.furthest)}, by {plural(view.furthest_lag, "version")}</Link>
      )}
    </div>
  );
}

const TONE_ORDER = ["bad", "asking", "moving", "waiting", "held", "good", "none"];
const order = (state: string): number => TONE_ORDER.indexOf(toneOf(state));

function Matrix({ view, filtered }: { view: Overview; filtered: boolean }) {
  if (!view.builds.length && filtered) return <Empty says="No build fits what you filter for." />;
  if (!view.builds.length) return <Empty says="The contracts declare no enver yet." command="odmd init" />;
  const stages = view.builds.some((row) => row.envers.some((one) => !view.stages.includes(one.stage)))
    ? [...view.stages, ""] : view.stages;
  return (
    <div class="scrolled" tabIndex={0} role="region" aria-label="builds by stages">
      <table class="matrix">
        <thead>
          <tr><th scope="col">Build</th>{stages.map((stage) => <th scope="col" key={stage}>{stage || "elsewhere"}</th>)}</tr>
        </thead>
        <tbody>{view.builds.map((row) => <BuildRow key={row.build} row={row} stages={stages} known={view.stages} />)}</tbody>
      </table>
    </div>
  );
}

function BuildRow({ row, stages, known }: { row: Row; stages: readonly string[]; known: readonly string[] }) {
  const at = (stage: string) => row.envers.filter((one) => (known.includes(one.stage) ? one.stage : "") === stage);
  return (
    <tr data-row>
      <th scope="row">{row.build}<small>{[row.type, row.team].filter(Boolean).join(" · ")}</small></th>
      {stages.map((stage) => <td key={stage}>{at(stage).map((one) => <EnverCell key={one.enver} cell={one} />)}</td>)}
    </tr>
  );
}

function EnverCell({ cell }: { cell: Cell }) {
  const slot = cell.label.slice(cell.label.indexOf("@") + 1);
  return (
    <Link href={addressOf(cell.enver)} class={`cell ${toneOf(cell.state)}${cell.clone ? " clone" : ""}`}>
      <span class="sign" aria-hidden="true">{signOf(cell.state)}</span>
      <span class="slot">{slot}</span>
      <span class="said">{cell.state === "deployed" ? "" : cell.state}</span>
      {cell.commit && <code>{short(cell.commit)}</code>}
      {cell.lag > 0 && <span class={cell.overdue ? "lag overdue" : "lag"} title={`${plural(cell.lag, "version")} behind`}>−{cell.lag}</span>}
    </Link>
  );
}
