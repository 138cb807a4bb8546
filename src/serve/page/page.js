"use strict";

let session, item, began;
const reviewer = () => session.reviewer || "me";

async function ask(path, request) {
  const reply = await fetch("api/" + path, {
    method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(request)});
  if (!reply.ok) throw new Error((await reply.json()).error);
  return reply.json();
}

function show(next, left) {
  item = next;
  began = performance.now();
  document.getElementById("progress").textContent = left + " left";
  document.getElementById("picture").src = item ? "image/" + item.item : "";
  document.getElementById("draft").textContent = !item ? "Nothing left" :
    item.image + ": " + item.drafts.map(draft => session.categories[draft.category]).join(", ");
}

async function next() {
  const reply = await ask("items", {reviewer: reviewer(), count: 1, mode: "single"});
  show(reply.items[0], reply.left);
}

async function answer(action) {
  await ask("answers", {reviewer: reviewer(), answers: [{item: item.item, action,
    labels: item.drafts, seconds: (performance.now() - began) / 1000}]});
  await next();
}

document.addEventListener("keydown", async event => {
  if (event.key === "Enter" && item) await answer("labels");
  if (event.key === "s" && item) await answer("skipped");
  if (event.key === "z") {
    const reply = await ask("undo", {reviewer: reviewer()});
    if (reply.item) show(reply.item, reply.left);
  }
});

fetch("api/session").then(reply => reply.json()).then(value => { session = value; next(); });
