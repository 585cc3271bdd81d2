/** What became of an enver, newest first. */
import { api, type Schemas, told } from "../../api/client";
import { useLoad } from "../../live/load";
import { RunLink } from "../../ui/links";
import { Section } from "../../ui/section";
import { Empty, Shown } from "../../ui/shown";
import { Ago } from "../../ui/time";
import { inert } from "../../words";

type Happening = Schemas["Happening"];

const SHOWN = 30;

export function History({ enver }: { enver: string }) {
  const loaded = useLoad(`history ${enver}`, () => told(api.GET("/api/v1/history", { params: { query: { of: enver, limit: SHOWN } } })));
  return (
    <Section title="History">
      <Shown of={loaded}>
        {(view) => view.happenings.length === 0 ? <Empty says="Nothing became of it yet." /> : (
          <ol class="history">{view.happenings.map((one, number) => <Happened key={one.position ?? `${one.run}-${number}`} of={one} />)}</ol>
        )}
      </Shown>
    </Section>
  );
}

function Happened({ of }: { of: Happening }) {
  return (
    <li data-row>
      <Ago at={of.at} />
      <div>
        {of.run ? <RunLink to={of.run} /> : <span class="faint">{of.what}</span>} {inert(of.text)}
        {of.by && <small>by {inert(of.by)}{of.why && <>: “{inert(of.why)}”</>}</small>}
        {of.wanted_by.map((one) => (
          <small key={one.change}>for {inert(one.cause)} by {inert(one.by)}{one.why && <>: “{inert(one.why)}”</>}</small>
        ))}
      </div>
    </li>
  );
}
