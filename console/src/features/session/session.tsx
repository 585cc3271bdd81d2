/** Who uses this browser: by a token that he types, by a one-time sign-in of `odmd console`, or nobody. */
import { signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api, Problem, told } from "../../api/client";
import { signedIn, who } from "../../live/status";
import { moved } from "../../live/stream";
import { ProblemShown } from "../../ui/shown";

const CODE = /^#code=([A-Za-z0-9_-]+)$/;

/** Why the last sign-in did not work. */
const refused = signal<Problem | undefined>(undefined);

/** By what stands in the address, which is used once and taken from there; else as the browser is known. */
export async function recognise(): Promise<void> {
  const code = CODE.exec(location.hash)?.[1];
  if (code) {
    history.replaceState(null, "", location.pathname + location.search);
    try {
      signedIn(await told(api.POST("/api/v1/browser", { body: { code, token: "" } })));
      return;
    } catch (wrong) {
      refused.value = wrong instanceof Problem ? wrong : undefined;
    }
  }
  try {
    signedIn(await told(api.GET("/api/v1/whoami")));
  } catch {
    who.value ??= null;
  }
}

export async function signOut(): Promise<void> {
  try {
    await told(api.DELETE("/api/v1/browser"));
  } finally {
    who.value = null;
  }
}

/** Above whatever is there: nothing that somebody typed is lost. */
export function SignIn() {
  const dialog = useRef<HTMLDialogElement>(null);
  const busy = useSignal(false);
  useEffect(() => { dialog.current?.showModal(); }, []);

  const enter = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const token = String(new FormData(form).get("token") ?? "").trim();
    if (!token || busy.value) return;
    busy.value = true;
    try {
      const is = await told(api.POST("/api/v1/browser", { body: { code: "", token } }));
      form.reset();
      refused.value = undefined;
      signedIn(is);
      moved.value++;
    } catch (wrong) {
      refused.value = wrong as Problem;
    } finally {
      busy.value = false;
    }
  };

  return (
    <dialog ref={dialog} class="sign-in" aria-labelledby="sign-in" onCancel={(event) => event.preventDefault()}>
      <h1 id="sign-in">Sign in</h1>
      <p>On the machine of the server, <code>odmd console</code> opens this page and signs you in. Elsewhere, type a token.</p>
      <form onSubmit={enter}>
        <label for="token">Token</label>
        <input id="token" name="token" type="password" autocomplete="off" spellcheck={false} placeholder="odmd_…" required autofocus />
        <button type="submit" class="main" disabled={busy.value}>Sign in</button>
      </form>
      <p class="faint">It is kept where no page can read it, for at most 12 hours. <code>odmd token create</code> makes one.</p>
      {refused.value && <ProblemShown of={refused.value} />}
    </dialog>
  );
}
