/** Times as people say them, with the exact one for who points at them. */
import { now } from "../live/status";
import { duration } from "../words";

/** Seconds that count as now: servers tell their time in whole ones. */
const NOW = 5;

/** `3 h ago`; seconds since the epoch. */
export function Ago({ at }: { at: number }) {
  const age = now.value / 1000 - at;
  const said = age < -NOW ? `in ${duration(-age)}` : age < NOW ? "now" : `${duration(age)} ago`;
  const when = new Date(at * 1000);
  return <time dateTime={when.toISOString()} title={when.toLocaleString()}>{said}</time>;
}

/** `14:02`; milliseconds since the epoch. */
export const clock = (at: number): string => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
