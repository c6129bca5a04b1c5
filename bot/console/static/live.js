// Tells a page that something was written, by the server's events at /staff/live.
//
//   import { listen } from "./live.js";
//   listen((news) => …, (state) => …);
//
// `news` is {transcript, history}: how far both have grown, or null when the connection begins and
// something may have been missed. `state` is "live", "lost" or "out" (the sign-in is over). Of all
// tabs of a browser one holds the connection, since a browser opens only six to a server.

const SILENCE = 40_000; // milliseconds; a sign of life comes every 15 seconds
const AGAIN = 5_000;

export function listen(changed, stateChanged = () => {}) {
  const tabs = new BroadcastChannel("hutong-live");
  let state = "";
  let heard = Date.now();

  const take = ({ kind, news }) => {
    heard = Date.now();
    if (kind === "change") changed(news);
    const now = kind === "out" || kind === "lost" ? kind : "live";
    if (now !== state) stateChanged(state = now);
  };
  const tell = (message) => { tabs.postMessage(message); take(message); };
  tabs.onmessage = (event) => take(event.data);

  const open = () => {
    const source = new EventSource("/staff/live");
    source.onopen = () => tell({ kind: "change", news: null });
    source.addEventListener("beat", () => tell({ kind: "beat" }));
    source.addEventListener("change", (event) => tell({ kind: "change", news: JSON.parse(event.data) }));
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED) return tell({ kind: "lost" });
      tell({ kind: "out" }); // an answer that is no stream: signed out, or the server is not well
      setTimeout(open, AGAIN * 4);
    };
  };
  if (navigator.locks) navigator.locks.request("hutong-live", () => new Promise(open));
  else open();
  setInterval(() => {
    if (state !== "out" && Date.now() - heard > SILENCE) take({ kind: "lost" });
  }, AGAIN);
}
