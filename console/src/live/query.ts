/** What is chosen on a page stands in its address, so that it can be sent to somebody. */
import { useLocation, useSearch } from "wouter-preact";

export interface Query {
  get(name: string): string;
  set(changes: Record<string, string>): void;
}

export function useQuery(): Query {
  const params = new URLSearchParams(useSearch());
  const [path, go] = useLocation();
  return {
    get: (name) => params.get(name) ?? "",
    set: (changes) => {
      for (const [name, text] of Object.entries(changes)) {
        if (text) params.set(name, text);
        else params.delete(name);
      }
      const said = params.toString();
      go(said ? `${path}?${said}` : path, { replace: true });
    },
  };
}
