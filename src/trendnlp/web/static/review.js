"use strict";

// Decisions without waiting: each goes into a list that outlives the page before it is sent, and leaves it once the
// service has saved it. Which statement is current follows the focus; its source is fetched beside it.
(() => {
  const root = document.querySelector(".review");
  const base = root?.dataset.base;
  if (base === undefined) return;
  const STORED = "trendnlp-unsent";
  const AGAIN_MS = 5000; // between attempts where the service cannot be reached
  const SETTLE_MS = 120; // after which the source of a statement is fetched, so that moving on quickly fetches one

  const byId = (id) => document.getElementById(id);
  const say = (words) => void (byId("live").textContent = words);
  const itemOf = (id) => byId(`item-${id}`);
  const items = () => [...document.querySelectorAll("#queue > [data-item]")];
  const current = () => document.querySelector('#queue > [aria-current="true"]');
  const drawer = byId("drawer");

  const parsed = (text) => new DOMParser().parseFromString(text, "text/html");

  class Refused extends Error {
    constructor(status, detail) {
      super(detail);
      this.status = status;
      // what may pass by itself: no connection, a service that starts, is busy, or asks to sign in again
      this.passing = status === 0 || status >= 500 || [401, 408, 429].includes(status);
    }
  }

  const request = async (path, options = {}) => {
    let answer;
    let text;
    try {
      answer = await fetch(base + path, { ...options, headers: { "X-Part": "1", Accept: "*/*", ...options.headers } });
      text = await answer.text();
    } catch {
      throw new Refused(0, "The service cannot be reached.");
    }
    if (answer.redirected && new URL(answer.url).pathname === `${base}/login`) throw new Refused(401, "You are signed out. Sign in again, in another tab.");
    if (answer.ok) return parsed(text);
    let detail = `The service answered ${answer.status}.`;
    try {
      detail = JSON.parse(text).detail ?? detail;
    } catch {
      // not a problem document: the status says it
    }
    throw new Refused(answer.status, detail);
  };

  const post = (path, fields) => request(path, { method: "POST", body: new URLSearchParams(fields) });

  // Put statements as the service tells them now in the place of those on the page. A queue stays as it is: addresses and
  // which one is current are the page's.
  const renew = (from) => {
    for (const made of from.querySelectorAll(".item")) {
      const old = byId(made.id);
      if (!old) continue;
      const focused = old.contains(document.activeElement);
      if (old.ariaCurrent === "true") made.ariaCurrent = "true";
      for (const selector of ["[data-choose]", "a[data-action=skip]"]) {
        const [a, b] = [made.querySelector(selector), old.querySelector(selector)];
        if (a && b) a.href = b.href;
      }
      const [a, b] = [made.querySelector("[name=to]"), old.querySelector("[name=to]")];
      if (a && b) a.value = b.value;
      old.replaceWith(made);
      if (focused) made.focus({ preventScroll: true });
    }
  };

  const refresh = async (id) => {
    const found = await request(`/review/items/${encodeURIComponent(id)}${location.search}`);
    const seen = found.querySelector("[name=seen]")?.value;
    renew(found);
    return seen;
  };

  let telling;
  let untold = false; // whether something was decided that the page does not tell of yet
  const told = async () => {
    untold = false;
    const made = (await request(`/review/progress${location.search}`)).getElementById("progress");
    if (made) byId("progress")?.replaceWith(made);
  };
  const progress = () => {
    untold = true;
    clearTimeout(telling);
    telling = setTimeout(() => told().catch(() => (untold = true)), SETTLE_MS); // told after the next decision then
  };

  // ---- which statement is current

  let fetching;
  let waiting;
  const source = (id) => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      fetching?.abort();
      fetching = new AbortController();
      const { signal } = fetching;
      try {
        const made = (await request(`/review/source/${encodeURIComponent(id)}`, { signal })).getElementById("source");
        if (made && current()?.dataset.id === id) show(made);
      } catch {
        const pane = byId("source");
        if (signal.aborted || !pane || current()?.dataset.id !== id) return;
        const words = "The source cannot be shown now. You can go on with the statements on this page.";
        pane.replaceChildren(element("p", words, "fault"));
      }
    }, SETTLE_MS);
  };

  const show = (made) => {
    byId("source")?.replaceWith(made);
    centre();
  };

  // The statement in the middle of its source, without moving the page.
  const centre = () => {
    const [pane, here] = [byId("source"), byId("here")];
    if (pane && here) pane.scrollTop += here.getBoundingClientRect().top - pane.getBoundingClientRect().top - pane.clientHeight / 3;
  };

  const choose = (item) => {
    if (!item || item.ariaCurrent === "true") return;
    const before = current();
    if (before) before.ariaCurrent = null;
    item.ariaCurrent = "true";
    history.replaceState(history.state, "", item.querySelector("[data-choose]").href);
    source(item.dataset.id);
  };

  const focus = (item) => {
    choose(item);
    item.focus();
    item.scrollIntoView({ block: "nearest" });
  };

  const unsent = (id) => entries().some((entry) => entry.id === id);
  const open = (item) => item.dataset.status === "pending" && !unsent(item.dataset.id);

  // After a decision the next one that waits has the focus; after the last one of a page the next page follows.
  const advance = (item) => {
    const all = items();
    const next = all.slice(all.indexOf(item) + 1).find((other) => open(other) || root.dataset.all);
    if (next) return void focus(next);
    const on = document.querySelector(".pager [rel=next]");
    if (on) sending.then(() => unsent(item.dataset.id) || location.assign(on.href));
    else {
      const left = all.find(open);
      if (left) focus(left);
      else say("All statements of this queue are decided.");
    }
  };

  document.addEventListener("focusin", (event) => choose(event.target.closest?.("#queue > [data-item]")));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-choose]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    focus(link.closest("[data-item]"));
  });
  // what is chosen in the filters makes another queue, whose first statement is current
  document.addEventListener("htmx:afterSettle", centre);

  // ---- decisions that are not saved yet

  let memory = []; // where the browser keeps nothing
  const entries = () => {
    try {
      return JSON.parse(localStorage.getItem(STORED) ?? "[]").map((entry) => ({ key: entry.id, ...entry }));
    } catch {
      return memory;
    }
  };
  const keep = (list) => {
    memory = list;
    try {
      localStorage.setItem(STORED, JSON.stringify(list));
    } catch {
      // it stays in the memory of this page
    }
    tell();
  };
  // Of one statement there is one decision that waits, besides one that is being sent.
  let flying = null;
  const waits = (entry) => (other) => other.key === entry.key || (other.id === entry.id && other.key !== flying);
  const put = (entry) => keep([...entries().filter((other) => !waits(entry)(other)), entry]);
  const drop = (key) => keep(entries().filter((entry) => entry.key !== key));
  const later = (entry) => entries().find((other) => other.id === entry.id && other.key !== entry.key);
  const withSeen = (entry, seen) => ({ ...entry, fields: entry.fields.map(([name, value]) => [name, name === "seen" ? seen : value]) });
  // Decisions are made in a name, and sent in no other.
  const reader = root.dataset.reader ?? "";
  const mine = (entry) => !entry.reader || entry.reader === reader;

  const element = (tag, text, className) => {
    const made = document.createElement(tag);
    if (text) made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  const tell = () => {
    const list = entries().filter((entry) => entry.fault);
    const panel = byId("unsent");
    panel.hidden = list.length === 0;
    panel.querySelector("ul").replaceChildren(
      ...list.map((entry, place) => {
        const line = element("li");
        const said = element("p", "", "said");
        said.append(element("strong", entry.words), " ", element("bdi", `“${entry.text}”`), ` ${entry.fault}`);
        if (!mine(entry)) said.append(` Decided as ${entry.reader}: it is saved once that name decides here again.`);
        const again = element("button", "Retry");
        again.hidden = !mine(entry);
        const away = element("button", "Discard", "plain");
        again.type = away.type = "button";
        if (place === list.length - 1) away.dataset.action = "undo";
        again.addEventListener("click", () => send(entry.key));
        away.addEventListener("click", () => forget(entry));
        line.append(said, again, away);
        return line;
      }),
    );
  };

  // What became of a decision, beside the kind that was suggested.
  const mark = (id, words, className) => {
    const item = itemOf(id);
    item?.querySelector(".saving, .fault")?.remove();
    if (item && words) item.querySelector(".kicker").append(" ", element("strong", words, className));
  };

  let sending = Promise.resolve();
  const send = (key) => {
    sending = sending.then(() => attempt(key));
    return sending;
  };

  const attempt = async (key) => {
    const entry = entries().find((other) => other.key === key);
    if (!entry || !mine(entry)) return;
    const { id } = entry;
    let seen;
    flying = key;
    mark(id, `saving: ${entry.words}`, "saving");
    try {
      const saved = await post(`/review/decide${location.search}`, entry.fields);
      seen = saved.querySelector("[name=seen]")?.value;
      renew(saved);
      drop(key);
      mark(id, null);
      say(`Saved: ${entry.words}.`);
      progress();
    } catch (error) {
      // somebody else decided meanwhile: show it, and let a retry speak of what is shown
      if (error.status === 412) seen = await refresh(id).catch(() => undefined);
      mark(id, `not saved: ${entry.words}`, "fault");
      if (later(entry)) drop(key); // it was taken back by another decision meanwhile
      else put({ ...(seen ? withSeen(entry, seen) : entry), fault: error.message, passing: error.passing });
      say(`Not saved: ${entry.words}. ${error.message}`);
    } finally {
      flying = null;
    }
    const next = later(entry);
    if (next && seen) put(withSeen(next, seen)); // it was made on what this one has changed
  };

  const retry = () => {
    for (const entry of entries()) if (entry.passing) send(entry.key);
  };
  addEventListener("online", retry);
  setInterval(retry, AGAIN_MS);

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-decide]")) {
      event.preventDefault();
      decide(form, event.submitter);
    } else if (form.matches("[data-undo]")) {
      event.preventDefault();
      undo();
    } else if (drawer?.open && drawer.contains(form)) {
      event.preventDefault();
      if (form.method === "post") change(form, event.submitter);
      else pull(`${form.action}?${new URLSearchParams(new FormData(form))}#near`);
    }
  });

  const decide = (form, submitter) => {
    const item = form.closest("[data-item]");
    const { id } = item.dataset;
    const fields = [...new FormData(form, submitter)].filter(([name]) => name !== "to");
    const words = submitter.firstChild.textContent.trim();
    const key = `${Date.now()} ${Math.random()}`;
    put({ key, id, reader, fields, words, text: item.querySelector(".text").textContent.trim() });
    const sent = send(key);
    if (fields.some(([name, value]) => name === "decision" && value === "reopen")) sent.then(() => itemOf(id)?.focus());
    else advance(item);
  };

  // What is not saved yet is taken back without the service.
  const forget = (entry) => {
    drop(entry.key);
    mark(entry.id, null);
    if (itemOf(entry.id)) focus(itemOf(entry.id));
    say(`Taken back: ${entry.words}.`);
    refresh(entry.id).catch(() => {});
  };

  const takeBack = async () => {
    const last = entries().at(-1);
    if (last?.fault) {
      forget(last);
      return;
    }
    try {
      if (untold) await told();
      const form = document.querySelector("[data-undo]");
      if (!form) return;
      renew(await post(`/review/undo${location.search}`, new FormData(form)));
      say("Taken back.");
      const item = form.dataset.statements.split(" ").map(itemOf).find(Boolean);
      if (item) focus(item);
    } catch (error) {
      say(`Not taken back. ${error.message}`);
    }
    progress();
  };

  // After what is being saved, so that keys count in the order in which they were pressed.
  const undo = () => void (sending = sending.then(takeBack));

  // ---- the drawer: pages about one finding or statement, above the queue

  const fill = (page, anchor) => {
    const part = page.getElementById("part");
    const close = Object.assign(element("button", "Close", "plain close"), { type: "button" });
    close.addEventListener("click", () => drawer.close());
    drawer.replaceChildren(close, ...part.childNodes);
    if (!drawer.open) drawer.showModal();
    const target = anchor ? drawer.querySelector(`#${CSS.escape(anchor)}`) : null;
    const within = target ?? drawer;
    const first = within.matches("[data-item]") ? within : (within.querySelector("[data-item]") ?? within.querySelector("input:not([type=hidden])"));
    first?.focus();
    target?.scrollIntoView({ block: "nearest" });
  };

  const fault = (error) => {
    const line = drawer.querySelector(".fault") ?? element("p", "", "fault");
    if (!line.isConnected) drawer.querySelector("h1")?.after(line);
    line.textContent = `Not saved. ${error.message}`;
    line.scrollIntoView({ block: "nearest" });
    say(line.textContent);
  };

  const pull = async (address) => {
    const { pathname, search, hash } = new URL(address, location.href);
    try {
      fill(await request(pathname.slice(base.length) + search), hash.slice(1));
    } catch (error) {
      say(error.message);
    }
  };

  const change = async (form, submitter) => {
    const fields = new FormData(form, submitter);
    try {
      const page = await request(new URL(form.action).pathname.slice(base.length), {
        method: "POST",
        body: new URLSearchParams(fields),
        headers: { "X-Whole": "1" },
      });
      fill(page, form.closest("[data-item]")?.id);
      say("Saved.");
    } catch (error) {
      fault(error);
    }
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-drawer]");
    if (!link || !drawer || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    pull(link.href);
  });
  drawer?.addEventListener("close", () => {
    const item = current();
    if (!item) return;
    item.focus();
    refresh(item.dataset.id).catch(() => {});
    progress();
  });

  centre();
  tell();
  retry();
})();
