// Keeps the queue up to date without a reload: rows are exchanged one by one, so that focus and
// scroll stay; a new critical case is announced, shown in the title, and rings if the bell is on.
import { bell } from "./bell.js";
import { listen } from "./live.js";

const PARTS = ["chips", "talks", "front", "rest"];
const EVERY = 30_000; // the words of the time left go on
const PAUSE = 1_000;

const byId = (id) => document.getElementById(id);
const plainTitle = document.title.replace(/^\(\d+\) /, "");
const known = new Set(alarmsOf(byId("live-queue")));
const ring = bell(byId("bell"));
let running = false;
let again = false;
let timer = 0;

function alarmsOf(queue) {
  return queue.dataset.alarms.split(" ").filter(Boolean);
}

function fetchQueue() {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest(); // reads HTML as a document, with no script in it run
    request.open("GET", `/staff/queue-list${location.search}`);
    request.responseType = "document";
    request.onloadend = () => {
      const queue = request.status === 200 && request.response?.getElementById("live-queue");
      resolve(queue || null);
    };
    request.send();
  });
}

async function refresh() {
  clearTimeout(timer);
  timer = 0;
  if (running) { again = true; return; }
  running = true;
  const fresh = await fetchQueue();
  if (fresh) put(fresh);
  running = false;
  if (again) { again = false; soon(); }
}

function soon() {
  timer ||= setTimeout(refresh, PAUSE);
}

function put(fresh) {
  const focused = keyOf(document.activeElement);
  const anchor = anchorRow();
  for (const id of PARTS) {
    const part = fresh.querySelector(`#${id}`);
    if (!byId(id).isEqualNode(part)) byId(id).replaceWith(document.adoptNode(part));
  }
  putRows(byId("entries"), fresh.querySelector("#entries"));
  if (focused) find(focused)?.focus({ preventScroll: true });
  if (anchor && anchor.row.isConnected === false) anchor.row = rowOf(anchor.key);
  if (anchor?.row) scrollBy(0, anchor.row.getBoundingClientRect().top - anchor.top);
  announce(alarmsOf(fresh));
}

function putRows(list, fresh) {
  const before = new Map([...list.children].map((row) => [row.dataset.key, row]));
  const rows = [...fresh.children].map((row) => {
    const old = before.get(row.dataset.key);
    return old?.isEqualNode(row) ? old : document.adoptNode(row);
  });
  if (rows.length !== list.children.length || rows.some((row, at) => row !== list.children[at])) {
    list.replaceChildren(...rows);
  }
}

// A link is found again by where it leads, within the row or part that it stood in.
function keyOf(element) {
  return element?.closest?.("#live-queue") ? element.getAttribute("href") : null;
}

function find(href) {
  if (document.activeElement?.getAttribute("href") === href) return null;
  return document.querySelector(`#live-queue a[href="${CSS.escape(href)}"]`);
}

function rowOf(key) {
  return document.querySelector(`#live-queue [data-key="${CSS.escape(key)}"]`);
}

function anchorRow() {
  if (scrollY < 8) return null; // at the top one wants to see what is new there
  const rows = [...document.querySelectorAll("#entries > li")];
  const row = rows.find((each) => each.getBoundingClientRect().bottom > 0);
  return row && { row, key: row.dataset.key, top: row.getBoundingClientRect().top };
}

function announce(alarms) {
  const arrived = alarms.filter((number) => !known.has(number));
  alarms.forEach((number) => known.add(number));
  document.title = alarms.length ? `(${alarms.length}) ${plainTitle}` : plainTitle;
  if (!arrived.length) return;
  const announcer = byId("announcer");
  const cases = arrived.filter((number) => !number.startsWith("talk-"));
  announcer.textContent = [
    cases.length && announcer.dataset.words + cases.join(" "),
    cases.length < arrived.length && announcer.dataset.talk,
  ].filter(Boolean).join(" ");
  arrived.forEach((number) => rowOf(number)?.classList.add("arrived"));
  ring();
}

function show(state) {
  const line = byId("state");
  line.textContent = line.dataset[state];
  line.classList.toggle("lost", state !== "live");
}

listen(soon, show);
setInterval(refresh, EVERY);
document.addEventListener("visibilitychange", () => { if (!document.hidden) soon(); });
