/** What stands where something is not there yet, not at all, or not to be had. */
import type { ComponentChildren } from "preact";
import type { Problem } from "../api/client";
import type { Loaded } from "../live/load";

export function ProblemShown({ of, again }: { of: Problem; again?: () => void }) {
  return (
    <div class="problem" role="alert">
      <p class="fact">{of.fact}</p>
      <p>{of.nextStep}</p>
      <p class="faint">
        {of.code && <code>{of.code}</code>} {of.request && <>request <code>{of.request}</code></>}
      </p>
      {again && <button type="button" onClick={again}>Try again</button>}
    </div>
  );
}

/** There is nothing, and the command that makes something of it. */
export function Empty({ says, command }: { says: string; command?: string }) {
  return <div class="empty"><p>{says}</p>{command && <p><code>{command}</code></p>}</div>;
}

function Skeleton() {
  return <div class="skeleton" aria-busy="true" aria-label="loading"><i /><i /><i /><i /></div>;
}

/** What was loaded; what is there stays while something newer cannot be had. */
export function Shown<T>({ of, children }: { of: Loaded<T>; children: (data: T) => ComponentChildren }) {
  const failed = of.problem && of.problem.status !== 401 ? <ProblemShown of={of.problem} again={of.reload} /> : null;
  if (of.data === undefined) return failed ?? <Skeleton />;
  return <>{failed}{children(of.data)}</>;
}
