// The chat on the page of a case: new lines appear by themselves, replies leave without a reload,
// and what is being typed stays where it is, whatever else changes.
import { listen } from "./live.js";

const byId = (id) => document.getElementById(id);
const form = byId("chat-form");
if (form) begin();

function begin() {
  const box = byId("reply");
  const words = form.dataset;
  const store = `reply/${words.keep}`;
  let busy = false;
  let again = false;
  let filled = "";
  let timer = 0;

  // ---- what is typed survives a reload and other acts on the page, in this tab only

  if (!box.value) box.value = kept();
  box.addEventListener("input", keep);
  document.querySelector('form[action$="/sign-out"]')?.addEventListener("submit", () => {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith("reply/")) sessionStorage.removeItem(key);
  });

  function kept() {
    try { return sessionStorage.getItem(store) || ""; } catch { return ""; }
  }
  function keep() {
    try {
      if (box.value) sessionStorage.setItem(store, box.value);
      else sessionStorage.removeItem(store);
    } catch { /* no storage: a reload loses what was not sent */ }
  }

  // ---- canned replies: choosing another replaces one that was not changed yet

  byId("fill").hidden = true;
  byId("canned").addEventListener("change", ({ target }) => {
    const text = target.selectedOptions[0].dataset.text;
    if (!text) return;
    const own = box.value === filled ? "" : box.value.trimEnd();
    box.value = own ? `${own}\n${text}` : text;
    filled = own ? "" : text;
    keep();
  });

  // ---- sending

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(event.submitter || byId("send"));
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    if (!byId("send").disabled) form.requestSubmit(byId("send"));
  });

  function send(button) {
    if (form.ariaBusy === "true") return;
    const address = button.getAttribute("formaction") || form.action;
    const reply = button.id === "send";
    const body = new URLSearchParams(new FormData(form));
    body.delete("fill");
    if (button.name === "over") body.set("over", "1");
    if (!reply) body.delete("text");
    body.set("live", "1");
    const sent = box.value;
    waiting(true);
    problem("");
    const request = new XMLHttpRequest(); // reads HTML as a document, with no script in it run
    request.open("POST", address);
    request.responseType = "document";
    request.timeout = 20000;
    request.onloadend = () => {
      waiting(false);
      if (request.status === 204) {
        if (reply && box.value === sent) { box.value = filled = ""; keep(); byId("canned").value = ""; }
        if (reply || !document.activeElement || document.activeElement === document.body) box.focus();
        refresh();
        return;
      }
      const said = request.response?.getElementById?.("chat-problem") ?? request.response?.querySelector?.("[role=alert]");
      if (!request.status) problem(words.lost);
      else if (request.responseURL.includes("/sign-in")) problem(words.out);
      else problem(said?.textContent || words.lost);
      refresh();
    };
    request.send(body);
  }

  function waiting(yes) {
    form.ariaBusy = yes ? "true" : "false";
    const button = byId("send");
    button.textContent = yes ? words.sending : byId("hold").dataset.send;
  }

  function problem(text) {
    byId("chat-problem").textContent = text;
    byId("chat-problem").hidden = !text;
  }

  // ---- what is new

  listen(() => soon(0), (state) => {
    if (state === "out") problem(words.out);
    else if (byId("chat-problem").textContent === words.out) problem("");
  });

  function soon(pause) {
    clearTimeout(timer);
    timer = setTimeout(refresh, pause);
  }

  function refresh() {
    clearTimeout(timer);
    if (busy) { again = true; return; }
    busy = true;
    const waitingFor = [...document.querySelectorAll("#lines .line.staff[id]")]
      .filter((line) => line.dataset.delivery === "waiting").map((line) => line.id.slice(1));
    const query = new URLSearchParams({
      after: form.elements.last.value, case_no: form.elements.case_no.value,
      hold: byId("hold").dataset.state, waiting: waitingFor.join(","),
    });
    const request = new XMLHttpRequest();
    request.open("GET", `${words.news}?${query}`);
    request.responseType = "document";
    request.onloadend = () => {
      busy = false;
      if (request.status === 200 && request.response) take(request.response);
      if (again) { again = false; soon(200); } else if (waitingFor.length) soon(3000);
    };
    request.send();
  }

  function take(fresh) {
    const hold = fresh.getElementById("hold");
    if (hold && hold.dataset.state !== byId("hold").dataset.state) putHold(hold);
    const lines = [...fresh.querySelectorAll(".lines > .line")];
    const after = Number(form.elements.last.value);
    const heard = [];
    for (const line of lines) {
      const known = byId(line.id);
      if (known) known.replaceWith(document.adoptNode(line));
      else if (Number(line.id.slice(1)) > after) {
        if (line.classList.contains("reporter")) heard.push(line.querySelector(".said")?.textContent || "…");
        if (!words.earlier) append(line);
      }
    }
    const newest = lines.map((line) => Number(line.id.slice(1)));
    form.elements.last.value = String(Math.max(after, ...newest));
    if (heard.length) byId("heard").textContent = words.earlier ? words.earlierNews : words.heard + heard.join(" ").slice(0, 300);
    if (lines.some((line) => line.dataset.delivery === "waiting")) soon(1500);
  }

  function append(line) {
    const list = document.querySelector("#lines .lines");
    const near = innerHeight + scrollY > document.documentElement.scrollHeight - 200;
    list.querySelector(".empty")?.remove();
    const made = document.adoptNode(line);
    made.classList.add("fresh");
    list.append(made);
    const scroller = list.closest(".scroller");
    if (near && scroller && getComputedStyle(scroller).overflowY === "visible") made.scrollIntoView({ block: "nearest" });
  }

  function putHold(hold) {
    const inside = byId("hold").contains(document.activeElement);
    byId("hold").replaceWith(document.adoptNode(hold));
    const button = byId("send");
    button.textContent = hold.dataset.send;
    button.disabled = !hold.dataset.may;
    if (hold.dataset.state.startsWith("other") && hold.dataset.may) { button.name = "over"; button.value = "1"; }
    else { button.removeAttribute("name"); button.removeAttribute("value"); }
    if (inside) box.focus();
  }

  window.addEventListener("pageshow", () => soon(0));
}
