/** What was published, which version is used by whom. */
import { Link } from "wouter-preact";
import { api, told } from "../../api/client";
import { useLoad } from "../../live/load";
import { useQuery } from "../../live/query";
import { RunLink } from "../../ui/links";
import { Page } from "../../ui/page";
import { Empty, Shown } from "../../ui/shown";
import { Table } from "../../ui/table";
import { Ago } from "../../ui/time";
import { addressOf, inert, productLabel } from "../../words";
import { Users } from "../enver/enver";

const SHOWN = 100;
const MOST = 500;

export function ValuesPage() {
  const query = useQuery();
  const of = query.get("of");
  const limit = Math.min(MOST, Number(query.get("show")) || SHOWN);
  const loaded = useLoad(`values ${of} ${limit}`, () => told(api.GET("/api/v1/values", { params: { query: { limit, ...(of ? { of } : {}) } } })));
  return (
    <Page
      title={of ? `Values of ${of.split("/").length > 2 ? productLabel(of) : of}` : "Values"}
      beside={of && <><Link href={addressOf(of.split("/").slice(0, 2).join("/"))}>Who makes it</Link><Link href="/values">All values</Link></>}
    >
      <Shown of={loaded}>
        {({ items, next }) => items.length === 0 ? <Empty says="Nothing was published yet." command="odmd apply" /> : (
          <>
            <Table
              label="values" columns={["Product", "Version", "Value", "Kind", "Since", "By", "Used by"]}
              csv={() => items.map(({ value, used_by }) => [value.product, String(value.version), value.text, value.kind, new Date(value.at * 1000).toISOString(), String(value.run), used_by.join(" ")])}
            >
              {items.map(({ value, used_by }) => (
                <tr key={`${value.product}#${value.version}`} data-row class={value.status === "retired" ? "over" : ""}>
                  <th scope="row"><Link href={`/values?of=${encodeURIComponent(value.product)}`}>{productLabel(value.product)}</Link></th>
                  <td>#{value.version} <span class="faint">{value.status}</span></td>
                  <td class="value"><code>{inert(value.text)}</code></td>
                  <td>{value.kind.split(":").at(-1)}</td>
                  <td><Ago at={value.at} /></td>
                  <td><RunLink to={value.run} /></td>
                  <td><Users of={used_by} /></td>
                </tr>
              ))}
            </Table>
            {next && limit < MOST && <button type="button" onClick={() => query.set({ show: String(limit + SHOWN) })}>Show more</button>}
            {next && limit >= MOST && <p class="faint">The first {MOST}: find an enver or a product with <kbd>/</kbd> for the others.</p>}
          </>
        )}
      </Shown>
    </Page>
  );
}
