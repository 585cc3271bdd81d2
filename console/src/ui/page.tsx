/** A page: its name, what question it answers, and what is on it. */
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

interface PageProps {
  title: string;
  /** Beside the title. */
  beside?: ComponentChildren;
  children: ComponentChildren;
}

export function Page({ title, beside, children }: PageProps) {
  useEffect(() => { document.title = `${title} · odmd`; }, [title]);
  return (
    <main id="page" tabIndex={-1}>
      <div class="head"><h1>{title}</h1>{beside}</div>
      {children}
    </main>
  );
}
