/** What runs here, and why. */
import { Link } from "wouter-preact";
import { api, Problem, type Schemas, told } from "../../api/client";
import { useLoad } from "../../live/load";
import { EnverLink } from "../../ui/links";
import { Page } from "../../ui/page";
import { Section } from "../../ui/section";
import { Empty, Shown } from "../../ui/shown";
import { State } from "../../ui/state";
import { Table } from "../../ui/table";
import { inert, labelOf, plural, productLabel } from "../../words";
import { History } from "./history";
import { Standing } from "./standing";

type Input = Schemas["InputView"];
type Value = Schemas["ValueView"];

export function EnverPage({ params }: { params: { build: string; slot: string } }) {
  const [build, slot] = [decodeURIComponent(params.build), decodeURIComponent(params.slot)];
  const enver = `${build}/${slot}`;
  const path = { params: { path: { build, slot } } };
  const loaded = useLoad(enver, async () => {
    const [view, why, values] = await Promise.all([
      told(api.GET("/api/v1/envers/{build}/{slot}", path)),
      told(api.GET("/api/v1/envers/{build}/{slot}/why", path)),
      told(api.GET("/api/v1/values", { params: { query: { of: enver, limit: 200 } } })).catch(nothing),
    ]);
    return { view, why, values: values.items };
  });
  return (
    <Page
      title={labelOf(enver)}
      beside={
        <>
          {loaded.data && <State of={loaded.data.view.state} />}
          {loaded.data?.view.stage && <span class="faint">in {loaded.data.view.stage}</span>}
          <Link href={`/constellation?of=${encodeURIComponent(enver)}`}>Who is around it</Link>
        </>
      }
    >
      <Shown of={loaded}>
        {({ view, why, values }) => (
          <>
            <Standing view={view} />
            <Why causes={why} />
            <Inputs inputs={view.inputs} />
            <Made values={values} />
            <History enver={enver} />
          </>
        )}
      </Shown>
    </Page>
  );
}

/** What is not there has published nothing; why it is not there, others say. */
function nothing(wrong: unknown): { items: Value[] } {
  if (wrong instanceof Problem && wrong.status === 404) return { items: [] };
  throw wrong;
}

/** The chain of causes: what is further in is the cause of what it stands below. */
function Why({ causes }: { causes: readonly Schemas["Cause"][] }) {
  return (
    <Section title="Why">
      <ol class="causes">
        {causes.map((one, number) => (
          <li key={number} class={`depth-${Math.min(one.depth, 6)}`}>
            {inert(one.text)}{one.next_step && <small> → {inert(one.next_step)}</small>}
          </li>
        ))}
      </ol>
    </Section>
  );
}

function Inputs({ inputs }: { inputs: readonly Input[] }) {
  return (
    <Section title="Runs with">
      {inputs.length === 0 ? <Empty says="It consumes nothing, or was never deployed." /> : (
        <Table
          label="inputs" columns={["Input", "From", "Version", "Value"]}
          csv={() => inputs.map((one) => [one.name, one.product, String(one.version), one.value])}
        >
          {inputs.map((one) => (
            <tr key={one.name} data-row>
              <th scope="row">{one.name}</th>
              <td><Link href={`/values?of=${encodeURIComponent(one.product)}`}>{productLabel(one.product)}</Link></td>
              <td>{one.version ? `#${one.version}` : "placeholder"}{one.lag > 0 && <span class="lag"> {plural(one.lag, "version")} behind</span>}</td>
              <td class="value"><code>{inert(one.value)}</code></td>
            </tr>
          ))}
        </Table>
      )}
    </Section>
  );
}

function Made({ values }: { values: readonly Value[] }) {
  const there = values.filter((one) => one.value.status !== "retired");
  if (!there.length) return null;
  return (
    <Section title="Published">
      <Table
        label="values" columns={["Product", "Version", "Value", "Used by"]}
        csv={() => there.map(({ value, used_by }) => [value.product, String(value.version), value.text, used_by.join(" ")])}
      >
        {there.map(({ value, used_by }) => (
          <tr key={`${value.product}#${value.version}`} data-row>
            <th scope="row"><Link href={`/values?of=${encodeURIComponent(value.product)}`}>{value.product.split("/").slice(2).join("/")}</Link></th>
            <td>#{value.version} <span class="faint">{value.status === "current" ? "" : value.status}</span></td>
            <td class="value"><code>{inert(value.text)}</code></td>
            <td><Users of={used_by} /></td>
          </tr>
        ))}
      </Table>
    </Section>
  );
}

const SHOWN_USERS = 8;

export function Users({ of }: { of: readonly string[] }) {
  if (!of.length) return <span class="faint">nobody</span>;
  return (
    <span class="users">
      {of.slice(0, SHOWN_USERS).map((one) => <EnverLink key={one} to={one} />)}
      {of.length > SHOWN_USERS && <span class="faint">and {of.length - SHOWN_USERS} more</span>}
    </span>
  );
}
