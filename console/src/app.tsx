/** What is around every page, and which page an address means. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Link, Route, Router, Switch, useLocation } from "wouter-preact";
import { OverviewPage } from "./features/overview/overview";
import { Search } from "./features/search/search";
import { SignIn, signOut } from "./features/session/session";
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
  const [path, go] = useLocation();
  const field = useRef<HTMLInputElement>(null);
  const helps = useSignal(false);
  const wasIn = useRef(false);
  useKeys({ go, find: () => field.current?.focus(), help: () => { helps.value = true; } });
  useEffect(() => { document.getElementById("page")?.focus({ preventScroll: true }); }, [path]);
  if (who.value) wasIn.current = true;
  if (who.value === undefined) return null;
  return (
    <>
      <a class="skip" href="#page">To the page</a>
      <header>
        <Link href="/" class="brand">odmd</Link>
        <Places />
        <Search field={field} />
        <Me />
      </header>
      <CutOff />
      {wasIn.current ? <Pages /> : <main id="page" />}
      {who.value === null && <SignIn />}
      {helps.value && <Help close={() => { helps.value = false; }} />}
    </>
  );
}

const PLACES: readonly (readonly [string, string])[] = [["/", "Overview"]];

function Places() {
  const [path] = useLocation();
  return (
    <nav aria-label="pages">
      {PLACES.map(([at, name]) => <Link key={at} href={at} {...(path === at ? { "aria-current": "page" } : {})}>{name}</Link>)}
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

function Pages() {
  return (
    <Switch>
      <Route path="/" component={OverviewPage} />
      <Route><Page title="Nothing here"><Empty says="There is no such page." /><Link href="/">To the overview</Link></Page></Route>
    </Switch>
  );
}
