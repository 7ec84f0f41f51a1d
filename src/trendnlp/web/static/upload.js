"use strict";

// Files are sent one by one, so that each has its own progress and its own fault; archives are read in the background.
(() => {
  const form = document.getElementById("upload");
  const field = form.querySelector("input[type=file]");
  const list = document.getElementById("outcomes");
  const done = document.getElementById("done");
  const { base } = form.dataset;
  const MOST = 200; // documents that the address of the findings may name

  const isArchive = (file) => /\.zip$/i.test(file.name);

  // Resolves to the answer, rejects with an Error whose message is for people.
  const post = (path, files, progress) =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const body = new FormData();
      for (const file of files) body.append("file", file);
      request.open("POST", `${base}${path}`);
      request.setRequestHeader("Accept", "application/json");
      request.responseType = "json";
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) progress(event.loaded / event.total);
      });
      request.addEventListener("load", () => {
        const answer = request.response;
        if (request.status < 300) resolve(answer);
        else reject(new Error(answer?.detail ?? `The service answered ${request.status}.`));
      });
      request.addEventListener("error", () => reject(new Error("The service cannot be reached. Try again.")));
      request.send(body);
    });

  const say = (words) => {
    document.getElementById("live").textContent = words;
  };

  const begin = () => {
    done.textContent = "";
    list.replaceChildren();
    form.setAttribute("aria-busy", "true");
  };

  const end = () => {
    form.removeAttribute("aria-busy");
    field.value = "";
  };

  const element = (tag, text, className) => {
    const made = document.createElement(tag);
    if (text) made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  const row = (names) => {
    const item = element("li", "", "outcome");
    const name = element("bdi", names);
    const bar = element("progress");
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", `Sending ${names}`);
    const state = element("span", "waiting", "state");
    item.append(name, bar, state);
    list.append(item);
    return { item, bar, state };
  };

  const send = async (files) => {
    begin();
    const rows = files.map((file) => ({ file, ...row(file.name) }));
    const added = [];
    let failed = 0;
    for (const { file, item, bar, state } of rows) {
      state.textContent = "sending";
      try {
        const { document: stored, claims, duplicate_of: known } = await post("/v1/documents", [file], (share) => {
          bar.value = share;
          if (share === 1) {
            bar.removeAttribute("value");
            state.textContent = "being read";
          }
        });
        added.push(stored.id);
        state.textContent = `${known ? "was there already, " : ""}${claims} ${claims === 1 ? "claim" : "claims"}`;
        item.classList.add("good");
      } catch (error) {
        failed += 1;
        state.textContent = `not added: ${error.message}`;
        item.classList.add("bad");
      }
      bar.remove();
    }
    end();
    const names = new Set(added);
    const few = names.size <= MOST;
    const query = [...names].map((id) => `document=${encodeURIComponent(id)}`).join("&");
    const address = few ? `${base}/findings?${query}` : `${base}/documents`;
    if (failed === 0) {
      location.assign(address);
      return;
    }
    say(`${failed} of ${files.length} files were not added.`);
    if (added.length) {
      const theirs = added.length === 1 ? "Findings of the one that was added" : `Findings of the ${added.length} that were added`;
      const link = element("a", few ? theirs : "All documents, those that were added first");
      link.href = address;
      done.append(link);
    }
  };

  // Archives are read in the background, and whatever is sent with them: the page of that says how far it is.
  const sendArchives = async (files) => {
    begin();
    const { item, bar, state } = row(files.map((file) => file.name).join(", "));
    state.textContent = "sending";
    try {
      const job = await post("/v1/jobs", files, (share) => {
        bar.value = share;
        if (share === 1) {
          bar.removeAttribute("value");
          state.textContent = "being unpacked";
        }
      });
      location.assign(`${base}/jobs/${encodeURIComponent(job.id)}`);
    } catch (error) {
      bar.remove();
      item.classList.add("bad");
      state.textContent = `not added: ${error.message}`;
      say("Nothing was added.");
    }
    end();
  };

  const take = (files) => {
    if (!files.length || form.hasAttribute("aria-busy")) return;
    const all = [...files];
    if (all.some(isArchive)) sendArchives(all);
    else send(all);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    take(field.files);
  });
  field.addEventListener("change", () => take(field.files));
  for (const name of ["dragover", "dragleave", "drop"]) {
    form.addEventListener(name, (event) => {
      event.preventDefault();
      form.classList.toggle("over", name === "dragover");
      if (name === "drop") take(event.dataTransfer.files);
    });
  }
})();
