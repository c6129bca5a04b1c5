// The chat page. It shows what the server's transcript says; what was written here is shown at
// once, kept until the server has it, and recognised in the transcript by the id made here.

const byId = (id) => document.getElementById(id);
const [chat, log, scroll, typing, box] = ["chat", "log", "scroll", "typing", "words"].map(byId);
const words = chat.dataset;
const lang = document.documentElement.lang;
const STORE = "hutong-unsent";
const SILENCE = 40_000; // the server gives a sign of life every 15 s
const PATIENCE = 60_000; // how long "typing" may stand

let last = 0; // the newest line shown
let day = "";
let choices = []; // buttons of the newest bot line, until something is answered
let outbox = []; // written and not yet taken by the server
const shown = new Map(); // id made here → its bubble, until the transcript has it
const titles = new Map(); // payload → title, of every button seen
let talks = "bot"; // who talks with the person: while staff do, nobody is "typing"
let ready = false;
let gone = false;
let pumping = false;
let failures = 0;
let community = new URLSearchParams(location.search).get("c"); // of the link that was opened
let stream, watchdog, retry, poll, waitingSince;

// ---- talking to the server

const url = (path, query = {}) => `chat/${path}?${new URLSearchParams({ lang, ...query })}`;

async function ask(path, body, query) {
  const abort = new AbortController();
  const limit = setTimeout(() => abort.abort(), 20_000);
  const init = { signal: abort.signal, cache: "no-store" };
  if (body) {
    // keepalive: what was sent still arrives when the person leaves in a hurry
    Object.assign(init, { method: "POST", keepalive: true, body: JSON.stringify(body) });
    init.headers = { "Content-Type": "application/json" };
  }
  try {
    return await fetch(url(path, query), init);
  } finally {
    clearTimeout(limit);
  }
}

async function start() {
  const opened = await ask("session", community ? { community } : {});
  // another session than the one on the screen: cookies were cleared, or a month has passed
  if (opened.ok && last && (await opened.json()).opened) return again();
  const answer = opened.ok && (await ask("lines", null, { after: last }));
  if (answer && answer.status === 401) return problem(words.cookies);
  if (!answer || !answer.ok) throw new Error("not ready");
  if (community && !last) waiting(true); // the first word is the bot's
  take((await answer.json()).lines);
  if (!ready) begin();
  community = null;
  listen();
}

function again() {
  gone = true;
  location.reload();
}

function begin() {
  ready = true;
  log.setAttribute("aria-busy", "false");
  byId("greeting").hidden = last > 0 || Boolean(community);
}

function listen() {
  stream?.close();
  stream = new EventSource(url("stream", { after: last }));
  stream.addEventListener("line", (event) => take([JSON.parse(event.data)]));
  stream.addEventListener("beat", () => {
    if (!outbox.length) failures = 0;
    connected(true);
    clearTimeout(watchdog);
    watchdog = setTimeout(lost, SILENCE);
    pump();
  });
  stream.onerror = lost;
}

function lost() {
  if (gone) return;
  stream?.close();
  stream = undefined;
  clearTimeout(watchdog);
  connected(false);
  clearTimeout(retry);
  const pause = Math.min(8000, 400 * 2 ** failures++) * (0.7 + 0.6 * Math.random());
  retry = setTimeout(connect, pause);
}

const connect = () => (clearTimeout(retry), start().catch(lost));

// a phone that wakes up or finds its network again does not wait for the next try
function awake() {
  if (document.visibilityState === "visible" && !stream && !gone) connect();
}

function connected(yes) {
  byId("state").textContent = yes ? "" : words.reconnecting;
  for (const { id } of outbox) shown.get(id).note.textContent = yes ? words.sending : words.waiting;
}

// ---- sending

function queue(text, payload, id = newId()) {
  const item = bubble("reporter", text);
  item.note = element("p", "note", stream ? words.sending : words.waiting);
  item.root.append(item.note);
  shown.set(id, item);
  log.append(item.root);
  outbox.push({ id, text, payload });
  store();
  choices = [];
  byId("greeting").classList.add("begun");
  problem("");
  offer();
  toEnd();
  pump();
}

async function pump() {
  if (pumping || !ready) return;
  pumping = true;
  try {
    while (outbox.length && !gone) await post(outbox[0]);
  } catch {
    waiting(false);
    lost();
  } finally {
    pumping = false;
  }
}

async function post({ id, text, payload }) {
  waiting(true);
  const answer = await ask("messages", payload ? { id, payload } : { id, text });
  if (answer.status === 401) return again();
  if (answer.status >= 500 || answer.status === 429) {
    problem((await answer.json().catch(() => ({}))).error || "");
    throw new Error("later");
  }
  problem("");
  failures = 0;
  outbox = outbox.filter((each) => each.id !== id);
  store();
  const item = shown.get(id);
  if (answer.ok) {
    if (item) item.note.textContent = "";
    return;
  }
  waiting(false);
  const { error } = await answer.json().catch(() => ({}));
  problem(error || words.failed);
  item?.root.remove();
  shown.delete(id);
  if (!payload && !box.value) box.value = text; // what was written is not lost
}

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");
}

function store() {
  try {
    if (outbox.length) sessionStorage.setItem(STORE, JSON.stringify(outbox));
    else sessionStorage.removeItem(STORE);
  } catch {
    // no storage: a reload before the network is back loses what was not sent
  }
}

function stored() {
  try {
    return JSON.parse(sessionStorage.getItem(STORE)) || [];
  } catch {
    return [];
  }
}

// ---- showing

function take(lines) {
  const near = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 120;
  for (const line of lines) {
    if (line.id <= last) continue;
    last = line.id;
    for (const { title, payload } of line.buttons) titles.set(payload, title);
    if (line.sender === "reporter") settle(line);
    else put(bubble(line.sender, line.text, line.at));
    if (line.sender !== "reporter") talks = line.sender;
    if (line.sender === "bot") choices = shown.size ? [] : line.buttons;
    else if (line.sender === "reporter") choices = [];
    if (ready) waiting(line.sender === "reporter" || shown.size > 0);
  }
  if (!lines.length) return;
  offer();
  if (near || !ready) toEnd();
}

// a reporter's line: the bubble that was shown for it (without an id the oldest), or a new one
function settle(line) {
  const id = line.message || shown.keys().next().value;
  const item = shown.get(id);
  if (!item) return put(bubble("reporter", titles.get(line.text) ?? line.text, line.at));
  const mark = newDay(line.at);
  if (mark) item.root.before(mark);
  shown.delete(id);
  outbox = outbox.filter((each) => each.id !== id);
  store();
  item.note.remove();
  stamp(item, line.at);
}

function put(item) {
  const unsettled = shown.values().next().value;
  const mark = newDay(item.at);
  const nodes = mark ? [mark, item.root] : [item.root];
  if (unsettled) unsettled.root.before(...nodes);
  else log.append(...nodes);
}

function newDay(at) {
  const date = new Intl.DateTimeFormat(lang, { timeZone: "Asia/Shanghai", dateStyle: "long" });
  const its = date.format(new Date(at));
  if (its === day) return null;
  day = its;
  return element("p", "day", its);
}

function bubble(sender, text, at) {
  const root = element("article", `line ${sender}`);
  const who = element("p", "who", words[sender]);
  root.append(who, element("p", "text", text));
  const item = { root, who, at };
  if (at) stamp(item, at);
  return item;
}

function stamp(item, at) {
  const hour = { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const time = element("time", "", new Intl.DateTimeFormat(lang, hour).format(new Date(at)));
  time.dateTime = at;
  item.who.append(time);
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function offer() {
  const held = log.querySelector(".choices");
  held?.remove();
  if (!choices.length) return;
  const group = element("div", "choices");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", words.choices);
  for (const { title, payload } of choices) {
    const button = element("button", "", title);
    button.type = "button";
    button.onclick = (event) => {
      queue(title, payload);
      if (!event.detail) box.focus(); // pressed by keyboard: the button is gone, the focus is not
    };
    group.append(button);
  }
  log.append(group);
}

function waiting(yes) {
  typing.hidden = !yes || talks === "staff";
  clearInterval(poll);
  if (!yes) return;
  waitingSince = Date.now();
  // a proxy may hold the stream back: while an answer is due, ask for it too
  poll = setInterval(async () => {
    if (Date.now() - waitingSince > PATIENCE) return waiting(false);
    const answer = await ask("lines", null, { after: last }).catch(() => null);
    if (answer?.ok) take((await answer.json()).lines);
  }, 5000);
}

const problem = (text) => (byId("problem").textContent = text);

function toEnd() {
  scroll.scrollTop = scroll.scrollHeight;
  log.lastElementChild?.scrollIntoView({ block: "nearest" }); // where the page scrolls as a whole
}

// ---- what the person does

function submit(event) {
  event?.preventDefault();
  const text = box.value;
  if (!text.trim()) return;
  if ([...text].length > Number(words.limit)) return problem(words.long);
  box.value = "";
  queue(text);
}

// clears the screen first: the other page may take a while
function leave(event) {
  event?.preventDefault();
  const to = byId("leave")?.href;
  if (!gone) tabs?.postMessage("leave");
  vanish();
  if (to) location.replace(to);
}

function vanish() {
  gone = true;
  stream?.close();
  for (const timer of [retry, watchdog]) clearTimeout(timer);
  clearInterval(poll);
  outbox = [];
  store();
  document.title = "…";
  document.body.replaceChildren();
}

async function clear() {
  if (!confirm(words.clear)) return;
  const answer = await ask("session", { fresh: true }).catch(() => null);
  if (!answer?.ok) return problem(words.failed);
  tabs?.postMessage("clear");
  vanish();
  location.reload();
}

const tabs = "BroadcastChannel" in window ? new BroadcastChannel("hutong") : null;
if (tabs) tabs.onmessage = ({ data }) => (data === "leave" ? ((gone = true), leave()) : (vanish(), location.reload()));

byId("composer").addEventListener("submit", submit);
byId("clear").addEventListener("click", clear);
byId("leave").addEventListener("click", leave);
box.addEventListener("keydown", (event) => {
  // an Enter that chooses a candidate of an input method is no Enter to send
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  submit(event);
});
for (const button of document.querySelectorAll(".examples button")) {
  button.addEventListener("click", () => {
    box.value = button.textContent;
    box.focus();
  });
}
let escapes = [];
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing) return;
  escapes = [...escapes.slice(-2), event.timeStamp];
  if (escapes.length === 3 && escapes[2] - escapes[0] < 1500) leave();
});
addEventListener("online", awake);
addEventListener("offline", lost);
document.addEventListener("visibilitychange", awake);
addEventListener("pageshow", (event) => event.persisted && location.reload());

byId("composer").firstElementChild.disabled = false;
for (const { id, text, payload } of stored()) queue(text, payload, id);
connect();
