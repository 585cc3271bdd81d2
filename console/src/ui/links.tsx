/** Links to what is named. */
import { Link } from "wouter-preact";
import { addressOf, inert, labelOf, short } from "../words";

export const EnverLink = ({ to }: { to: string }) => <Link href={addressOf(to)}>{labelOf(to)}</Link>;

export const RunLink = ({ to }: { to: number }) => <Link href={`/runs/${to}`}>run {to}</Link>;

/** `3f2a91c “fix the till”`. */
export function Commit({ id, subject }: { id: string | null; subject?: string }) {
  if (!id) return <span class="faint">nothing that is known</span>;
  return <span><code title={id}>{short(id)}</code>{subject && <> “{inert(subject)}”</>}</span>;
}
