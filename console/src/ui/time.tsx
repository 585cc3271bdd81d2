/** Times as people say them, with the exact one for who points at them. */
import { now } from "../live/status";
import { duration } from "../words";

/** `3 h ago`; seconds since the epoch. */
export function Ago({ at }: { at: number }) {
  const age = now.value / 1000 - at;
  const said = age < -1 ? `in ${duration(-age)}` : age < 5 ? "now" : `${duration(age)} ago`;
  const when = new Date(at * 1000);
  return <time dateTime={when.toISOString()} title={when.toLocaleString()}>{said}</time>;
}

/** `14:02`; milliseconds since the epoch. */
export const clock = (at: number): string => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
