import { render } from "preact";
import { App } from "./app";
import { recognise } from "./features/session/session";
import { follow } from "./live/stream";
import "./styles/main.css";

const place = document.getElementById("console");
if (place) render(<App />, place);
void recognise().then(follow);
