"use strict";

// Keys, the sheet of keys, and what is said to readers who listen. Elements are looked up when they are needed, since
// parts of a page are replaced.
(() => {
  const byId = (id) => document.getElementById(id);

  // The sheet of keys is the table of bindings: one row a key, made from the same list as the labels on buttons.
  const actionOf = (key) => byId("keys")?.querySelector(`[data-key="${CSS.escape(key)}"]`)?.dataset.action;

  // What is open above the page, else the page.
  const scope = () => document.querySelector("dialog[open]") ?? document.querySelector("main");

  const items = () => [...scope().querySelectorAll("[data-item]")];

  const say = (words) => {
    byId("live").textContent = words;
  };

  const move = (step) => {
    const all = items();
    const focused = all.findIndex((item) => item.contains(document.activeElement));
    const at = focused < 0 ? all.findIndex((item) => item.ariaCurrent === "true") : focused;
    const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step];
    const target = next?.querySelector("[data-main]") ?? next;
    target?.focus();
    target?.scrollIntoView({ block: "nearest" });
  };

  // The element of an action in the item that has the focus or is the current one, else the first one of the page; above
  // the page nothing is done to an item that has not the focus.
  const elementOf = (action) => {
    const selector = `[data-action="${CSS.escape(action)}"]:not(tr)`;
    const above = document.querySelector("dialog[open]");
    const focused = document.activeElement?.closest("[data-item]");
    const item = focused ?? (above ? null : document.querySelector('main [data-item][aria-current="true"]'));
    return item?.querySelector(selector) ?? (above ? null : document.querySelector(`main ${selector}`));
  };

  const help = () => {
    const sheet = byId("keys");
    if (sheet.open) sheet.close();
    else sheet.showModal();
  };

  const search = () => {
    const field = document.querySelector("main input[type=search]");
    if (field) field.focus();
    else location.assign(document.querySelector("[data-search]").href);
  };

  const own = { next: () => move(1), previous: () => move(-1), help, search };

  const typing = (target) =>
    target.isContentEditable || target.closest("input:not([type=checkbox], [type=radio]), textarea, select") !== null;

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
    if (document.documentElement.dataset.keys === "off" || typing(event.target)) return;
    const sheet = byId("keys");
    if (sheet.open && event.key !== "?") return;
    const action = actionOf(event.key);
    // a space presses the button, or checks the box, that has the focus
    if (!action || (event.key === " " && event.target.closest("a, button, input, summary"))) return;
    const element = own[action] ? null : elementOf(action);
    if (!own[action] && !element) return;
    event.preventDefault();
    if (element) element.click();
    else own[action]();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-open-keys]")) help();
  });

  // Nothing is decided in nobody's name: where a page asks for the name, that comes first.
  const nameFirst = (event) => {
    const naming = document.querySelector(".naming");
    const form = event.target;
    if (!naming || form === naming || form.method !== "post" || !form.closest("main, dialog")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    form.closest("dialog")?.close();
    naming.querySelector("input").focus();
    say("Say first under which name you decide.");
  };
  document.addEventListener("submit", nameFirst, true);

  // Where there is no room for the filters beside the list they are folded, until somebody opens them.
  const roomy = matchMedia("(min-width: 60rem)");
  let opened = false;
  const fold = () => {
    const filters = byId("filters");
    if (filters) filters.open = roomy.matches || opened;
  };
  roomy.addEventListener("change", fold);
  document.addEventListener("click", (event) => {
    const summary = event.target.closest("#filters > summary");
    if (summary) opened = !summary.parentElement.open;
  });
  fold();

  // What is typed into the search is sent as it is typed: leaving it must not put the same list in its place again, and
  // take the focus away from whoever has moved on to it.
  document.addEventListener(
    "change",
    (event) => {
      if (event.target.matches("main input[type=search]")) event.stopPropagation();
    },
    true,
  );

  // A form's empty fields say nothing, so they are left out of the address.
  document.addEventListener("htmx:configRequest", (event) => {
    const { formData } = event.detail;
    if (event.detail.verb !== "get" || !formData) return;
    for (const name of new Set(formData.keys())) {
      const kept = formData.getAll(name).filter((value) => value !== "");
      formData.delete(name);
      for (const value of kept) formData.append(name, value);
    }
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    fold();
    const said = event.target.querySelector?.("[data-say]") ?? document.querySelector("[data-say]");
    if (said) say(said.dataset.say);
  });

  for (const name of ["htmx:sendError", "htmx:responseError"]) {
    document.addEventListener(name, () => say("The list could not be renewed. Try again, or load the page anew."));
  }
})();
