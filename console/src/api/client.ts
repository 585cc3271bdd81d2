/** The API, typed by its own document; what it refuses is a `Problem`. */
import createClient, { type Middleware } from "openapi-fetch";
import { lookedAt, signedOut } from "../live/status";
import type { components, paths } from "./schema";

type Schema = components["schemas"];

/** As openapi-fetch reads an answer: pairs are lists. */
type Told<T> = T extends readonly (infer One)[] ? Told<One>[] : T extends object ? { [Name in keyof T]: Told<T[Name]> } : T;

export type Schemas = { [Name in keyof Schema]: Told<Schema[Name]> };

/** Why the server did not do it: a fact, a code, what to do next, and the request that its log knows. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly fact: string,
    readonly nextStep: string,
    readonly request: string,
  ) {
    super(fact);
  }
}

const asked = new WeakMap<Request, number>();

const marked: Middleware = {
  onRequest({ request }) {
    asked.set(request, performance.now());
    request.headers.set("X-Odmd-Write", "1");
  },
  onResponse({ request, response }) {
    lookedAt(response.headers.get("date"));
    if (response.status === 401) signedOut(asked.get(request) ?? 0);
  },
  onError() {
    return new Problem(0, "", "the server does not answer", "look whether it runs, and try again", "");
  },
};

export const api = createClient<paths>({ baseUrl: "", credentials: "same-origin" });
api.use(marked);

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** What was answered. Throws `Problem`. */
export async function told<T>(asked: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await asked;
  if (response.ok) return data as T;
  throw problemOf(response.status, error);
}

function problemOf(status: number, said: unknown): Problem {
  const text = (name: string) => {
    const found = (said as Record<string, unknown> | null | undefined)?.[name];
    return typeof found === "string" ? found : "";
  };
  return new Problem(
    status,
    text("code"),
    text("detail") || `the server answers ${status}`,
    text("next_step") || "try again in a moment",
    text("request"),
  );
}
