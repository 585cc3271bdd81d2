/** All keys. */
import { useEffect, useRef } from "preact/hooks";

const KEYS: readonly (readonly [string, string])[] = [
  ["/", "find an enver, build, team, product or commit"],
  ["g o", "overview"], ["g i", "inbox"], ["g c", "constellation"], ["g r", "runs"],
  ["j k", "next row, the one before"], ["Enter", "open it"],
  ["a", "inbox: approve what the cursor is at; type why, then Ctrl+Enter"],
  ["?", "this"],
];

export function Help({ close }: { close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => { dialog.current?.showModal(); }, []);
  return (
    <dialog ref={dialog} class="help" aria-labelledby="keys" onClose={close}>
      <h2 id="keys">Keys</h2>
      <dl>{KEYS.map(([key, does]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{does}</dd></div>)}</dl>
      <form method="dialog"><button type="submit">Close</button></form>
    </dialog>
  );
}
