/** Who is affected: the producers and consumers around one enver, drawn, and as a list that says the same. */
import { Link } from "wouter-preact";
import { api, type Schemas, told } from "../../api/client";
import { useLoad } from "../../live/load";
import { type Query, useQuery } from "../../live/query";
import { EnverLink } from "../../ui/links";
import { Page } from "../../ui/page";
import { Empty, Shown } from "../../ui/shown";
import { State } from "../../ui/state";
import { Table } from "../../ui/table";
import { plural } from "../../words";
import { Picture } from "./picture";

type Around = Schemas["NeighbourhoodView"];

const USUAL = "2";
const FARTHEST = [0, 1, 2, 3, 5, 10, 20];

export function ConstellationPage() {
  const query = useQuery();
  const of = query.get("of");
  return of ? <AroundPage of={of} query={query} /> : <ChoosePage />;
}

function AroundPage({ of, query }: { of: string; query: Query }) {
  const [up, down] = [Number(query.get("up") || USUAL), Number(query.get("down") || USUAL)];
  const isList = query.get("as") === "list";
  const loaded = useLoad(`around ${of} ${up} ${down}`, () => told(api.GET("/api/v1/neighbourhood", { params: { query: { of, up, down } } })));
  return (
    <Page
      title={loaded.data ? `Around ${loaded.data.label}` : "Constellation"}
      beside={
        <div class="filters">
          <Reach name="up" says="Producers" is={up} query={query} />
          <Reach name="down" says="Consumers" is={down} query={query} />
          <label><input type="checkbox" checked={isList} onChange={(event) => query.set({ as: event.currentTarget.checked ? "list" : "" })} /> as a list</label>
        </div>
      }
    >
      <Shown of={loaded}>
        {(view) => (
          <>
            <p class="faint">
              {plural(view.envers.length, "enver")}, {plural(view.wires.length, "connection")}, within {plural(view.up, "wire")} up and {view.down} down
              {view.left_out && "; farther ones would be more than a picture holds"}
            </p>
            {isList ? <List view={view} /> : <Picture view={view} />}
          </>
        )}
      </Shown>
    </Page>
  );
}

function Reach({ name, says, is, query }: { name: string; says: string; is: number; query: Query }) {
  return (
    <label>
      {says}{" "}
      <select value={String(is)} onChange={(event) => query.set({ [name]: event.currentTarget.value === USUAL ? "" : event.currentTarget.value })}>
        {[...new Set([...FARTHEST, is])].sort((one, other) => one - other).map((far) => <option key={far} value={String(far)}>{far === 0 ? "none" : `${far} away`}</option>)}
      </select>
    </label>
  );
}

function List({ view }: { view: Around }) {
  const joined = (enver: string, end: "source" | "target") => {
    const other = end === "source" ? "target" : "source";
    return view.wires.filter((one) => one[other] === enver).map((one) => one[end]);
  };
  return (
    <Table
      label="envers around it" columns={["Enver", "State", "Stage", "Behind", "Consumes of", "Consumed by"]}
      csv={() => view.envers.map((one) => [one.enver, one.state, one.stage, String(one.lag), joined(one.enver, "source").join(" "), joined(one.enver, "target").join(" ")])}
    >
      {view.envers.map((one) => (
        <tr key={one.enver} data-row aria-current={one.enver === view.enver ? "true" : undefined}>
          <th scope="row"><EnverLink to={one.enver} /></th>
          <td><State of={one.state} /></td>
          <td>{one.stage}</td>
          <td>{one.lag || ""}</td>
          <td><span class="users">{joined(one.enver, "source").map((to) => <EnverLink key={to} to={to} />)}</span></td>
          <td><span class="users">{joined(one.enver, "target").map((to) => <EnverLink key={to} to={to} />)}</span></td>
        </tr>
      ))}
    </Table>
  );
}

const OFFERED = 60;

/** Nothing is drawn whole: it begins with one enver. */
function ChoosePage() {
  const loaded = useLoad("constellation", () => told(api.GET("/api/v1/overview", { params: { query: { team: [], limit: OFFERED } } })));
  return (
    <Page title="Constellation">
      <p>Around which enver? Find one with <kbd>/</kbd>, or take one of these.</p>
      <Shown of={loaded}>
        {(view) => view.builds.length === 0 ? <Empty says="The contracts declare no enver yet." command="odmd init" /> : (
          <ul class="choices">
            {view.builds.flatMap((row) => row.envers).map((one) => (
              <li key={one.enver} data-row><Link href={`/constellation?of=${encodeURIComponent(one.enver)}`}>{one.label}</Link></li>
            ))}
          </ul>
        )}
      </Shown>
    </Page>
  );
}
