/** What is around every page, and which page an address means. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Link, Route, Router, Switch, useLocation } from "wouter-preact";
import { ActivityPage } from "./features/activity/activity";
import { ConstellationPage } from "./features/constellation/constellation";
import { EnverPage } from "./features/enver/enver";
import { InboxPage, useQuestions } from "./features/inbox/inbox";
import { OverviewPage } from "./features/overview/overview";
import { Search } from "./features/search/search";
import { RunPage, RunsPage } from "./features/run/run";
import { SignIn, signOut } from "./features/session/session";
import { ValuesPage } from "./features/values/values";
import { cutOffSince, who } from "./live/status";
import { Help } from "./ui/help";
import { useKeys } from "./ui/keys";
import { Page } from "./ui/page";
import { Empty } from "./ui/shown";
import { clock } from "./ui/time";

export function App() {
  return <Router base="/console"><Console /></Router>;
}

function Console() {
  if (who.value === undefined) return null;
  return <Framed />;
}

function Framed() {
  const questions = useQuestions();
  const [path, go] = useLocation();
  const field = useRef<HTMLInputElement>(null);
  const helps = useSignal(false);
  const wasIn = useRef(false);
  useKeys({ go, find: () => field.current?.focus(), help: () => { helps.value = true; } });
  useEffect(() => { document.getElementById("page")?.focus({ preventScroll: true }); }, [path]);
  if (who.value) wasIn.current = true;
  return (
    <>
      <a class="skip" href="#page">To the page</a>
      <header>
        <Link href="/" class="brand">odmd</Link>
        <Places waiting={questions.data?.length ?? 0} />
        <Search field={field} />
        <Me />
      </header>
      <CutOff />
      {wasIn.current ? <Pages questions={questions} /> : <main id="page" />}
      {who.value === null && <SignIn />}
      {helps.value && <Help close={() => { helps.value = false; }} />}
    </>
  );
}

const PLACES: readonly (readonly [string, string])[] = [
  ["/", "Overview"], ["/inbox", "Inbox"], ["/constellation", "Constellation"], ["/runs", "Runs"], ["/values", "Values"], ["/activity", "Activity"],
];

function Places({ waiting }: { waiting: number }) {
  const [path] = useLocation();
  return (
    <nav aria-label="pages">
      {PLACES.map(([at, name]) => (
        <Link key={at} href={at} {...(path === at ? { "aria-current": "page" } : {})}>
          {name}{at === "/inbox" && waiting > 0 && <span class="count" title="questions that wait">{waiting}</span>}
        </Link>
      ))}
    </nav>
  );
}

function Me() {
  const is = who.value;
  if (!is) return null;
  const teams = is.teams.length ? `, for ${is.teams.join(", ")}` : "";
  return (
    <div class="me">
      <span title={`${is.proof}; may ${is.scope}${teams}`}>{is.name}</span>
      <button type="button" onClick={() => void signOut()}>Sign out</button>
    </div>
  );
}

function CutOff() {
  const since = cutOffSince.value;
  if (since === null || !who.value) return null;
  return <p class="cut-off" role="status">Stale since {clock(since)}: the server does not say what happens. It is asked again and again.</p>;
}

function Pages({ questions }: { questions: ReturnType<typeof useQuestions> }) {
  return (
    <Switch>
      <Route path="/" component={OverviewPage} />
      <Route path="/inbox"><InboxPage questions={questions} /></Route>
      <Route path="/envers/:build/:slot" component={EnverPage} />
      <Route path="/runs" component={RunsPage} />
      <Route path="/runs/:run" component={RunPage} />
      <Route path="/constellation" component={ConstellationPage} />
      <Route path="/values" component={ValuesPage} />
      <Route path="/activity" component={ActivityPage} />
      <Route><Page title="Nothing here"><Empty says="There is no such page." /><Link href="/">To the overview</Link></Page></Route>
    </Switch>
  );
}
