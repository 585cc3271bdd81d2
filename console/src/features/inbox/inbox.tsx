/** What waits for me: each question with what it is about, and many answered at once. */
import { useSignal } from "@preact/signals";
import { api, told } from "../../api/client";
import { type Loaded, useLoad } from "../../live/load";
import { useQuery } from "../../live/query";
import { who } from "../../live/status";
import { Page } from "../../ui/page";
import { Empty, Shown } from "../../ui/shown";
import { plural } from "../../words";
import { answer, chosen, drafts, keyOf, type Question, said } from "./drafts";
import { Asked } from "./question";

export function useQuestions(): Loaded<Question[]> {
  return useLoad("questions", () => told(api.GET("/api/v1/questions")));
}

/** Whether somebody of these teams is asked; who deploys an enver is asked where no team is. */
function isFor(question: Question, teams: readonly string[]): boolean {
  const { gate, escalated } = question.question;
  return gate === null || teams.includes(gate) || teams.includes(escalated);
}

export function InboxPage({ questions }: { questions: Loaded<Question[]> }) {
  const query = useQuery();
  const teams = who.value?.teams ?? [];
  const mine = query.get("for") === "me";
  return (
    <Page
      title="Inbox"
      beside={teams.length > 0 && (
        <div class="filters">
          <label><input type="checkbox" checked={mine} onChange={(event) => query.set({ for: event.currentTarget.checked ? "me" : "" })} /> only for my teams</label>
        </div>
      )}
    >
      <p class="hidden" role="status">{said.value}</p>
      <Shown of={questions}>
        {(all) => <Questions open={mine ? all.filter((one) => isFor(one, teams)) : all} />}
      </Shown>
    </Page>
  );
}

function Questions({ open }: { open: readonly Question[] }) {
  const keys = new Set(open.map(keyOf));
  const gone = [...drafts.value].filter(([key, draft]) => !keys.has(key) && draft.why && !draft.busy);
  if (!open.length && !gone.length) return <Empty says="Nothing waits for an answer." command="odmd status" />;
  const picked = open.filter((one) => chosen.value.has(keyOf(one)));
  return (
    <>
      {picked.length > 0 && <Together questions={picked} />}
      {open.map((one) => <Asked key={keyOf(one)} question={one} isGone={false} />)}
      {gone.map(([key, draft]) => <Asked key={key} question={draft.about} isGone />)}
    </>
  );
}

/** One reason for many; each is answered by itself, and what is refused stays, with why. */
function Together({ questions }: { questions: readonly Question[] }) {
  const why = useSignal("");
  const busy = useSignal(false);
  const all = async (approved: boolean) => {
    busy.value = true;
    for (const one of questions) await answer(one, approved, why.value);
    busy.value = false;
  };
  return (
    <form class="together" onSubmit={(event) => { event.preventDefault(); void all(true); }}>
      <b>{plural(questions.length, "question")}</b>
      <label>Why <input value={why.value} onInput={(event) => { why.value = event.currentTarget.value; }} maxLength={2000} /></label>
      <button type="submit" class="main" disabled={busy.value}>Approve all</button>
      <button type="button" disabled={busy.value} onClick={() => void all(false)}>Reject all</button>
    </form>
  );
}
