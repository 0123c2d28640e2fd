// The ask page with a script: every file is a question of its own, asked at once; the cards fill in as answers come.

import { answerCards, clearAlerts, failCards, placeCards, showAlert, summaryOf } from "./answers.js";
import { offerCopies } from "./copy.js";
import { takeDrops } from "./drop.js";
import { chunksOf, isQuestion, linesOf, named } from "./questions.js";
import { Queue } from "./queue.js";

const REQUESTS_AT_ONCE = 2;
const NO_LONGER_SIGNED_IN = 401;

const form = document.getElementById("ask");
const { texts, files, folder } = form.elements;
const running = document.getElementById("running");
const progress = document.getElementById("progress");

const queue = new Queue(REQUESTS_AT_ONCE, answer, finish);

/** What is being asked, from the first question after a rest to the last answer. */
let run = newRun();

function newRun() {
  return { controller: new AbortController(), count: 0, answered: [] };
}

/** One request: the cards it answers and what its form carries; the purpose is the one of the moment it was asked. */
function question(cards, fields, size = 0) {
  return { cards, fields: { purpose: form.elements.purpose.value, ...fields }, size };
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
  else if (given.length && files.matches(":disabled")) showAlert(form.dataset.notTaken);
  else if (count > Number(form.dataset.items)) showAlert(form.dataset.tooMany.replace("{count}", count));
  else if (form.reportValidity()) {
    begin([...textQuestions(lines), ...fileQuestions(given)]);
    return true;
  }
  return false;
}

/** Joins what is being asked already, or starts. */
function begin(questions) {
  run.count += questions.reduce((sum, { cards }) => sum + cards.length, 0);
  document.getElementById("summary").textContent = "";
  document.getElementById("answers-title").scrollIntoView({ block: "nearest" });
  running.hidden = false;
  showProgress();
  queue.add(questions);
}

async function answer(question) {
  run.answered.push(...await send(question));
  showProgress();
}

function stop() {
  for (const { cards } of queue.clear()) run.answered.push(...failCards(cards, form.dataset.stopped));
  run.controller.abort();
}

function finish() {
  running.hidden = true;
  document.getElementById("summary").textContent = summaryOf(run.answered);
  run = newRun();
}

function showProgress() {
  progress.max = run.count;
  progress.value = run.answered.length;
  document.getElementById("progress-words").textContent = `${run.answered.length} of ${run.count} answered`;
}

/** @returns {Promise<HTMLElement[]>} the cards that stand there now */
async function send({ cards, fields, size }) {
  const { signal } = run.controller;
  if (size > Number(form.dataset.fileBytes)) return failCards(cards, form.dataset.tooLarge);
  try {
    const response = await fetch(form.dataset.cards, { method: "POST", body: bodyWith(fields), signal });
    const text = await response.text();
    if (response.ok) return answerCards(cards, text);
    const said = response.headers.get("Content-Type")?.startsWith("text/plain") ? text : form.dataset.unsent;
    if (response.status === NO_LONGER_SIGNED_IN) {
      showAlert(said);
      stop();
    }
    return failCards(cards, said);
  } catch (error) {
    if (signal.aborted) return failCards(cards, form.dataset.stopped);
    reportError(error);
    return failCards(cards, form.dataset.unsent);
  }
}

function bodyWith(fields) {
  const body = new FormData();
  body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  return body;
}

// ---- the ways in ----

/** Files are there only where they were chosen before this script was: later they are asked when they are chosen. */
function askWhatStandsThere() {
  if (ask(linesOf(texts.value), [...filesOf(files), ...filesOf(folder)])) texts.value = files.value = folder.value = "";
}

function filesOf(input) {
  return [...input.files].map((file) => named(file));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  askWhatStandsThere();
});
texts.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
for (const input of [files, folder]) {
  input.addEventListener("change", () => {
    ask([], filesOf(input));
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
document.getElementById("stop").addEventListener("click", stop);

offerCopies();
document.documentElement.classList.add("scripted");
for (const part of document.querySelectorAll("[data-scripted]")) part.hidden = false;
