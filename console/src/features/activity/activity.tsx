/** Who did what, newest first; and how often teams deploy, and how well. */
import { api, type Schemas, told } from "../../api/client";
import { useLoad } from "../../live/load";
import { useQuery } from "../../live/query";
import { EnverLink, RunLink } from "../../ui/links";
import { Page } from "../../ui/page";
import { Section } from "../../ui/section";
import { Empty, Shown } from "../../ui/shown";
import { Table } from "../../ui/table";
import { Ago } from "../../ui/time";
import { duration, inert, plural } from "../../words";

const SHOWN = 50;
const DAYS = 30;
const END = Number.MAX_SAFE_INTEGER;

export function ActivityPage() {
  const query = useQuery();
  const [actor, enver, action] = [query.get("who"), query.get("enver"), query.get("what")];
  const before = Number(query.get("before")) || END;
  const loaded = useLoad(`activity ${actor} ${enver} ${action} ${before}`, () =>
    told(api.GET("/api/v1/audit/entries", { params: { query: { actor, enver, action, before, limit: SHOWN } } })),
  );
  const field = (name: string, says: string) => (
    <label>{says} <input type="search" value={query.get(name)} onChange={(event) => query.set({ [name]: event.currentTarget.value, before: "" })} /></label>
  );
  return (
    <Page title="Activity" beside={<div class="filters">{field("who", "Who")}{field("what", "What")}{field("enver", "Enver")}</div>}>
      <Shown of={loaded}>
        {({ items, next }) => items.length === 0 ? <Empty says="Nobody did anything like that." command="odmd audit" /> : (
          <>
            <Table
              label="what was done" columns={["When", "Who", "What", "Why", "From"]}
              csv={() => items.map((one) => [new Date(one.at * 1000).toISOString(), one.actor, one.action, one.why, one.origin])}
            >
              {items.map((one) => <Entry key={one.position} of={one} />)}
            </Table>
            {next && <button type="button" onClick={() => query.set({ before: String(items.at(-1)?.position ?? "") })}>Earlier</button>}
            {before !== END && <button type="button" onClick={() => query.set({ before: "" })}>Newest</button>}
          </>
        )}
      </Shown>
      <Deployments />
    </Page>
  );
}

function Entry({ of }: { of: Schemas["TrailEntry"] }) {
  return (
    <tr data-row>
      <td><Ago at={of.at} /></td>
      <td>{of.actor ? <span title={of.proof}>{inert(of.actor)}</span> : <span class="faint">odmd</span>}</td>
      <td>{words(of.action)} <About body={of.body} /> <small class="faint">at {of.position}</small></td>
      <td class="value">{inert(of.why)}</td>
      <td>{of.origin}</td>
    </tr>
  );
}

/** `RunSucceeded` is `run succeeded`. */
const words = (action: string): string => inert(action).replace(/[A-Z]/g, (letter, at: number) => (at ? " " : "") + letter.toLowerCase());

/** What the event itself says that it is about. */
function About({ body }: { body: string }) {
  const said = parsed(body);
  return (
    <>
      {typeof said["enver"] === "string" && said["enver"].includes("/") && <EnverLink to={said["enver"]} />}{" "}
      {typeof said["run"] === "number" && <RunLink to={said["run"]} />}
    </>
  );
}

function parsed(body: string): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(body);
    return typeof found === "object" && found !== null ? (found as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function Deployments() {
  const loaded = useLoad("dora", () => told(api.GET("/api/v1/dora", { params: { query: { days: DAYS } } })));
  const took = (seconds: number | null) => (seconds === null ? "–" : duration(seconds));
  return (
    <Section title={`Deployments in ${DAYS} days`}>
      <Shown of={loaded}>
        {(rows) => rows.length === 0 ? <Empty says="Nothing was deployed." command="odmd apply" /> : (
          <Table
            label="deployments by team and build" columns={["Team", "Build", "Deployments", "Failed", "From change to running", "Mended within"]}
            csv={() => rows.map((one) => [one.team, one.build, String(one.deployments), String(one.failed), String(one.lead_time ?? ""), String(one.recovery ?? "")])}
          >
            {rows.map((one) => (
              <tr key={`${one.team} ${one.build}`} data-row>
                <td>{one.team || "–"}</td>
                <th scope="row">{one.build || "all"}</th>
                <td><meter min={0} max={Math.max(...rows.map((row) => row.deployments))} value={one.deployments} aria-hidden="true" /> {plural(one.deployments, "deployment")}</td>
                <td>{one.failed || ""}</td>
                <td>{took(one.lead_time)}</td>
                <td>{took(one.recovery)}</td>
              </tr>
            ))}
          </Table>
        )}
      </Shown>
    </Section>
  );
}
