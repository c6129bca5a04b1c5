// The review by keyboard: a line at a time, sent without leaving the page. Without this file the
// forms work as they are.

const lines = () => [...document.querySelectorAll("section.line")];
const told = document.getElementById("told");
let here = null;

function go(line, scroll = true) {
  here?.classList.remove("here");
  here = line ?? null;
  if (!here) return;
  here.classList.add("here");
  here.focus({ preventScroll: !scroll });
  if (scroll) here.scrollIntoView({ block: "start" });
}

function step(by) {
  const all = lines();
  go(all[Math.min(Math.max(all.indexOf(here) + by, 0), all.length - 1)]);
}

// where a change was made, "right as it is" would throw it away
const changed = (line) =>
  [...line.querySelectorAll("input, select")].some((each) =>
    each.type === "radio" ? each.checked !== each.defaultChecked
    : each.tagName === "SELECT" ? [...each.options].some((o) => o.selected !== o.defaultSelected && (o.value || o.defaultSelected))
    : each.type !== "hidden" && each.value !== each.defaultValue);

async function send(line, how) {
  const form = line.querySelector("form");
  const button = form.querySelector(`button[value="${how}"]`);
  const body = new URLSearchParams(new FormData(form));
  body.set("do", how);
  let ok = false;
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    ok = answer.status === 204;
  } catch { /* shown by the page that the form itself brings */ }
  if (!ok) {
    form.dataset.plain = "1";
    form.requestSubmit(button);
    return;
  }
  const all = lines(), next = all[all.indexOf(line) + 1] ?? all[all.indexOf(line) - 1];
  line.remove();
  told.textContent = "";
  requestAnimationFrame(() => { told.textContent = told.dataset.done; });
  if (next) go(next);
  else location.assign(location.pathname);
}

// the words that are selected in the line go into a row of their own
function add(line) {
  const said = line.querySelector(".said");
  line.querySelector("details").open = true;
  const words = said.value.slice(said.selectionStart, said.selectionEnd).trim();
  const rows = [...line.querySelectorAll(".fact")];
  let row = rows.find((each) => !each.querySelector('[name="words"]').value);
  if (!row) {
    row = rows.at(-1).cloneNode(true);
    for (const each of row.querySelectorAll("input, select")) each.value = "";
    rows.at(-1).after(row);
  }
  if (words) {
    row.querySelector('[name="words"]').value = words;
    row.querySelector('[name="start"]').value = said.value.indexOf(words, said.selectionStart);
  }
  row.querySelector(words ? "select" : '[name="words"]').focus();
}

document.addEventListener("submit", (event) => {
  const line = event.target.closest("section.line");
  const how = event.submitter?.value;
  if (!line || !how || event.target.dataset.plain) return;
  event.preventDefault();
  send(line, how);
});

document.addEventListener("focusin", (event) => {
  const line = event.target.closest?.("section.line");
  if (line && line !== here) {
    here?.classList.remove("here");
    here = line;
    line.classList.add("here");
  }
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const at = event.target;
  const writes = at.matches("select, input:not([type=radio]), textarea:not([readonly])");
  const enter = event.key === "Enter" && !at.matches("button, a, summary, select");
  if (writes && !enter) return;
  const line = here ?? lines()[0];
  if (event.key === "u" && !writes) {
    event.preventDefault();
    document.querySelector("#undo button").click();
  } else if (!line) {
    return;
  } else if (/^[1-9]$/.test(event.key)) {
    const radio = line.querySelectorAll('[name="intent"]')[event.key - 1];
    if (!radio) return;
    event.preventDefault();
    go(line, false);
    radio.checked = true;
    line.querySelector('[name="other"]').value = "";
  } else if (enter) {
    event.preventDefault();
    const right = line.querySelector('button[value="right"]');
    send(line, right && !changed(line) ? "right" : "correct");
  } else if (event.key === "s") {
    event.preventDefault();
    send(line, "skip");
  } else if (event.key === "j" || event.key === "k") {
    event.preventDefault();
    here ? step(event.key === "j" ? 1 : -1) : go(lines()[0]);
  } else if (event.key === "e") {
    event.preventDefault();
    add(line);
  }
});

if (!location.hash) go(lines()[0], false);
else go(document.querySelector(location.hash));
