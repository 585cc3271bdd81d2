/** One question, with its evidence beside the buttons. */
import { Link } from "wouter-preact";
import { Commit } from "../../ui/links";
import { Notice } from "../../ui/section";
import { ProblemShown } from "../../ui/shown";
import { Ago } from "../../ui/time";
import { addressOf, inert, plural } from "../../words";
import { answer, choose, chosen, draft, drafts, forget, keyOf, type Question } from "./drafts";

export function Asked({ question, isGone }: { question: Question; isGone: boolean }) {
  const key = keyOf(question);
  const mine = drafts.value.get(key);
  // What somebody types a reason for stays what it was; what came since is said beside it.
  const about = mine?.about ?? question;
  const hasMoved = !isGone && about.question.identity !== question.question.identity;
  const asks = about.question;
  return (
    <article class="asked" data-row aria-label={`${about.label}: ${asks.about}`}>
      <header>
        <input
          type="checkbox" aria-label={`choose ${about.label}`} checked={chosen.value.has(key)} disabled={isGone}
          onChange={(event) => choose(key, event.currentTarget.checked)}
        />
        <h2><Link href={addressOf(about.enver)}>{about.label}</Link> <span>{asks.about ? inert(asks.about) : asks.input}?</span></h2>
        <span class="faint">asked <Ago at={asks.at} /></span>
      </header>
      <Evidence of={about} />
      {isGone && <Notice tone="waiting">It asks this no more: somebody answered, or it moved on. What you typed is still here.</Notice>}
      {hasMoved && (
        <Notice tone="asking">
          This moved while you typed: it asks about {inert(question.question.about)} now.{" "}
          <button type="button" onClick={() => draft(question, { about: question })}>Show that</button>
        </Notice>
      )}
      {mine?.problem && <ProblemShown of={mine.problem} />}
      <Answer about={about} isOver={isGone || hasMoved} />
    </article>
  );
}

function Evidence({ of }: { of: Question }) {
  const asks = of.question;
  return (
    <dl class="facts">
      <div><dt>Runs now</dt><dd><Commit id={of.commit} subject={of.subject} /></dd></div>
      {asks.value && <div><dt>Asks for</dt><dd><code>{inert(asks.value)}</code></dd></div>}
      {of.given && <div><dt>Instead of</dt><dd><code>{inert(of.given)}</code></dd></div>}
      {of.stage && <div><dt>Where</dt><dd>{of.stage}, of {of.team || "nobody"}</dd></div>}
      <div><dt>Reaches</dt><dd>{of.affects ? <Link href={`/constellation?of=${encodeURIComponent(of.enver)}&up=0&down=5`}>{plural(of.affects, "enver")}</Link> : "nobody else"}</dd></div>
      <div><dt>Who answers</dt><dd>{asks.needs || asks.gate || "whoever deploys it"}{asks.escalated && `, or ${asks.escalated}`}{asks.given.length > 0 && `; ${asks.given.join(", ")} said yes`}</dd></div>
      {asks.expires && <div><dt>Until</dt><dd><Ago at={asks.expires} /></dd></div>}
    </dl>
  );
}

function Answer({ about, isOver }: { about: Question; isOver: boolean }) {
  const key = keyOf(about);
  const mine = drafts.value.get(key);
  const why = mine?.why ?? "";
  const off = isOver || Boolean(mine?.busy);
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !off) void answer(about, true, why);
    else if (event.key === "Escape") (event.currentTarget as HTMLElement).blur();
    else return;
    event.preventDefault();
  };
  return (
    <form class="answer" onSubmit={(event) => { event.preventDefault(); if (!off) void answer(about, true, why); }}>
      <label>
        Why{" "}
        <input
          name="why" value={why} maxLength={2000} autocomplete="off" onKeyDown={press} placeholder="stands in the log"
          onInput={(event) => draft(about, { why: event.currentTarget.value })}
        />
      </label>
      <button type="submit" class="main" disabled={off}>Approve</button>
      <button type="button" disabled={off} onClick={() => void answer(about, false, why)}>Reject</button>
      {isOver && <button type="button" onClick={() => forget(key)}>Put away</button>}
    </form>
  );
}
