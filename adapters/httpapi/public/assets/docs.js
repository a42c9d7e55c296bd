"use strict";
// Sends the request that is tried on /docs, with the key in the header.
(() => {
  const form = document.getElementById("try-form");
  const { key, method, body, answer } = form.elements;
  const fill = () => { body.value = method.selectedOptions[0].dataset.body; };
  const post = (name, text) => fetch("/v1/" + name, {
    method: "POST",
    headers: { Authorization: "Bearer " + key.value.trim(), "Content-Type": "application/json" },
    body: text,
    credentials: "omit",
  });
  const show = (text) => { answer.value = text; };
  const tell = async (res) => {
    const text = await res.text();
    let tidy = text;
    try { tidy = JSON.stringify(JSON.parse(text), null, 2); } catch { /* as it is */ }
    show(res.status + "\n" + tidy);
  };
  method.addEventListener("change", fill);
  fill();
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    show("…");
    try {
      JSON.parse(body.value);
    } catch (err) {
      return show(form.dataset.broken + " " + err.message);
    }
    try {
      // A question changes nothing, and its answer says the mode of the project.
      const asked = await post("get_user_info", '{"user_id":"1"}');
      const mode = (await asked.clone().json().catch(() => ({}))).mode;
      if (asked.status === 405 || asked.ok) {
        if (mode !== "sandbox") return show(form.dataset.production);
        return await tell(await post(method.value.split(" ")[0], body.value));
      }
      await tell(asked); // the key is wrong, or a limit is used up
    } catch {
      show(form.dataset.away);
    }
  });
})();
// Shows the calls in which all words of the search stand.
(() => {
  const form = document.getElementById("find-form"), { q, found } = form.elements;
  const groups = [...document.querySelectorAll(".group")].map((group) => ({
    group, calls: [...group.querySelectorAll(".call")].map((call) => ({ call, text: call.textContent.toLowerCase() })),
  }));
  function find() {
    const words = q.value.toLowerCase().split(/\s+/).filter(Boolean);
    let all = 0;
    for (const { group, calls } of groups) {
      let here = 0;
      for (const { call, text } of calls) {
        call.hidden = !words.every((word) => text.includes(word));
        here += !call.hidden;
      }
      group.hidden = !here;
      all += here;
    }
    for (const other of document.querySelectorAll("nav, #try, #try ~ p, #try-form")) other.hidden = words.length > 0;
    found.value = all ? words.length ? all : "" : found.dataset.none;
  }
  form.hidden = false;
  form.addEventListener("submit", (e) => e.preventDefault());
  q.addEventListener("input", find);
  addEventListener("hashchange", () => {
    if (!q.value) return;
    q.value = "";
    find();
    document.querySelector(location.hash)?.scrollIntoView();
  });
})();
