/** What somebody is about to answer: it outlasts whatever the server says meanwhile. */
import { signal } from "@preact/signals";
import { api, Problem, type Schemas, told } from "../../api/client";
import { moved } from "../../live/stream";

export type Question = Schemas["OpenQuestionView"];

export interface Draft {
  readonly why: string;
  /** As it was shown when somebody began to type. */
  readonly about: Question;
  readonly problem?: Problem;
  readonly busy?: boolean;
}

export const drafts = signal<ReadonlyMap<string, Draft>>(new Map());
export const chosen = signal<ReadonlySet<string>>(new Set());
/** What was answered here last, for who cannot see that it is gone. */
export const said = signal("");

export const keyOf = (question: Question): string => `${question.enver} ${question.question.input}`;

export function draft(question: Question, changes: Partial<Draft>): void {
  const key = keyOf(question);
  const is = drafts.value.get(key) ?? { why: "", about: question };
  const next = { ...is, ...changes };
  const all = new Map(drafts.value);
  if (next.why || next.problem || next.busy) all.set(key, next);
  else all.delete(key);
  drafts.value = all;
}

export function forget(key: string): void {
  const all = new Map(drafts.value);
  all.delete(key);
  drafts.value = all;
  choose(key, false);
}

export function choose(key: string, isChosen: boolean): void {
  const all = new Set(chosen.value);
  if (isChosen) all.add(key);
  else all.delete(key);
  chosen.value = all;
}

/** Answers what was shown, and nothing that came since. */
export async function answer(question: Question, approved: boolean, why: string): Promise<boolean> {
  const { enver, label, question: { input, identity } } = question;
  draft(question, { busy: true, why });
  try {
    await told(api.POST("/api/v1/answers", {
      body: { enver, input, approved, why, identity },
      params: { header: { "Idempotency-Key": crypto.randomUUID() } },
    }));
    forget(keyOf(question));
    said.value = `${approved ? "Approved" : "Rejected"}: ${input} of ${label}`;
    return true;
  } catch (wrong) {
    draft(question, { busy: false, why, problem: wrong instanceof Problem ? wrong : new Problem(0, "", String(wrong), "try again", "") });
    return false;
  } finally {
    moved.value++;
  }
}
