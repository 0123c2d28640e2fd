// The ask page with a script: every file is a question of its own, asked at once; the cards fill in as answers come.

import { answerCards, clearAlerts, failCards, placeCards, showAlert, summaryOf } from "./answers.js";
import { offerCopies } from "./copy.js";
import { takeDrops } from "./drop.js";
import { chunksOf, isQuestion, linesOf, named } from "./questions.js";
import { runAll } from "./queue.js";

const REQUESTS_AT_ONCE = 2;
const NO_LONGER_SIGNED_IN = 401;

const form = document.getElementById("ask");
const { texts, files, folder } = form.elements;
const running = document.getElementById("running");
const progress = document.getElementById("progress");

let run = null; // what is being asked: {controller, questions, answered}

/** One request: the cards it answers, and what its form carries besides purpose and token. */
function question(cards, fields, size = 0) {
  return { cards, fields, size };
}

function textQuestions(lines) {
  const chunks = chunksOf(lines, Number(form.dataset.texts));
  const cards = chunksOf(placeCards(lines), Number(form.dataset.texts));
  return chunks.map((chunk, number) => question(cards[number], { texts: chunk.join("\n") }));
}

function fileQuestions(given) {
  const cards = placeCards(given.map(({ name }) => name));
  return given.map(({ file, name }, number) => question([cards[number]], { files: file, names: name }, file.size));
}

/** @returns {boolean} whether they are asked; the reason is shown where not */
function ask(lines, given) {
  clearAlerts();
  const count = lines.length + given.length;
  if (!count) showAlert(form.dataset.nothing);
  else if (count > Number(form.dataset.items)) showAlert(form.dataset.tooMany.replace("{count}", count));
  else if (form.reportValidity()) {
    const files = fileQuestions(given);
    begin([...textQuestions(lines), ...files]);
    return true;
  }
  return false;
}

/** Joins what is being asked already, or starts. */
function begin(questions) {
  if (run) {
    run.questions.push(...questions);
    showProgress();
  } else {
    run = { controller: new AbortController(), questions, answered: [] };
    follow(run);
  }
}

async function follow({ controller, questions, answered }) {
  showProgress();
  running.hidden = false;
  document.getElementById("summary").textContent = "";
  document.getElementById("answers-title").scrollIntoView({ block: "nearest" });
  await runAll(questions, REQUESTS_AT_ONCE, controller.signal, async (one) => {
    answered.push(...await send(one, controller));
    showProgress();
  });
  const left = questions.flatMap(({ cards }) => cards).filter((card) => card.isConnected);
  answered.push(...failCards(left, form.dataset.stopped));
  running.hidden = true;
  run = null;
  document.getElementById("summary").textContent = summaryOf(answered);
}

function showProgress() {
  const count = run.questions.reduce((sum, { cards }) => sum + cards.length, 0);
  progress.max = count;
  progress.value = run.answered.length;
  document.getElementById("progress-words").textContent = `${run.answered.length} of ${count} answered`;
}

/** @returns {Promise<HTMLElement[]>} the cards that stand there now */
async function send({ cards, fields, size }, controller) {
  if (size > Number(form.dataset.fileBytes)) return failCards(cards, form.dataset.tooLarge);
  try {
    const response = await fetch(form.dataset.cards, { method: "POST", body: bodyWith(fields), signal: controller.signal });
    const text = await response.text();
    if (response.ok) return answerCards(cards, text);
    const said = response.headers.get("Content-Type")?.startsWith("text/plain") ? text : form.dataset.unsent;
    if (response.status === NO_LONGER_SIGNED_IN) {
      showAlert(said);
      controller.abort();
    }
    return failCards(cards, said);
  } catch (error) {
    if (controller.signal.aborted) return failCards(cards, form.dataset.stopped);
    reportError(error);
    return failCards(cards, form.dataset.unsent);
  }
}

function bodyWith(fields) {
  const body = new FormData();
  body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  body.append("purpose", form.elements.purpose.value);
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  return body;
}

// ---- the ways in ----

function askWhatIsWritten() {
  if (ask(linesOf(texts.value), [])) texts.value = "";
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  askWhatIsWritten();
});
texts.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
for (const input of [files, folder]) {
  input.addEventListener("change", () => {
    ask([], [...input.files].map((file) => named(file)));
    input.value = ""; // so that the same file can be chosen again
  });
}
takeDrops(document.getElementById("veil"), (given) => ask([], given));
addEventListener("paste", (event) => {
  const pasted = [...event.clipboardData.files].map((file) => named(file));
  if (pasted.length) {
    event.preventDefault();
    ask([], pasted);
  } else if (event.target !== texts) {
    event.preventDefault();
    const text = event.clipboardData.getData("text/plain");
    if (isQuestion(text) && ask(linesOf(text), [])) return;
    texts.value = [...linesOf(texts.value), ...linesOf(text)].join("\n");
    texts.focus();
  }
});
document.getElementById("stop").addEventListener("click", () => run?.controller.abort());

offerCopies();
document.documentElement.classList.add("scripted");
for (const part of document.querySelectorAll("[data-scripted]")) part.hidden = false;
