// The cards: one is placed for each item when it is asked, and becomes its answer when that comes.

// The one place where text becomes markup. It comes from this installation's own templates, escaped there.
const policy = globalThis.trustedTypes?.createPolicy("concord", { createHTML: (text) => text });

const list = document.getElementById("cards");

/** @returns {HTMLElement[]} a card each, in their order, above what was answered before */
export function placeCards(names) {
  document.getElementById("legend").hidden = true;
  const cards = names.map((name) => fromTemplate("card-asking", { item: name }));
  list.prepend(...cards);
  return cards;
}

/** Puts the answers of one response in the place of their cards. Throws where their number differs. */
export function answerCards(cards, markup) {
  const holder = document.createElement("template");
  holder.innerHTML = policy ? policy.createHTML(markup) : markup;
  const answers = [...holder.content.children];
  if (answers.length !== cards.length) throw new Error("not an answer for each item");
  return cards.map((card, number) => replace(card, answers[number]));
}

export function failCards(cards, message) {
  return cards.map((card) => {
    const item = card.querySelector("[data-item]").textContent;
    return replace(card, fromTemplate("card-failed", { item, message }));
  });
}

/** For example `3 asked: 2 IDENTIFIED, 1 NEW`, as the server says it (cards.py). */
export function summaryOf(cards) {
  const counts = new Map();
  for (const card of cards) counts.set(card.dataset.word, (counts.get(card.dataset.word) ?? 0) + 1);
  return `${cards.length} asked: ${[...counts].map(([word, count]) => `${count} ${word}`).join(", ")}`;
}

export function showAlert(sentence) {
  const alert = document.getElementById("alert").content.firstElementChild.cloneNode(true);
  alert.querySelector("p").textContent = sentence;
  document.getElementById("alerts").replaceChildren(alert);
}

export function clearAlerts() {
  document.getElementById("alerts").replaceChildren();
}

function replace(card, answer) {
  card.replaceWith(answer);
  for (const button of answer.querySelectorAll("[data-copy]")) button.hidden = false;
  return answer;
}

function fromTemplate(id, facts) {
  const card = document.getElementById(id).content.firstElementChild.cloneNode(true);
  for (const [name, text] of Object.entries(facts)) card.querySelector(`[data-${name}]`).textContent = text;
  return card;
}
