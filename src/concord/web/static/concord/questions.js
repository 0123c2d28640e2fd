// What can be asked: lines of text, and files with the path they are known by.

const QUESTION = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|pdq:[0-9a-f]{64})$/i;

/** @returns {string[]} */
export function linesOf(text) {
  return text.split(/\r\n|\r|\n/).map((line) => line.trim()).filter(Boolean);
}

/** Whether all of it is digests: then pasting it is asking. Anything else may have been pasted by mistake. */
export function isQuestion(text) {
  const lines = linesOf(text);
  return lines.length > 0 && lines.every((line) => QUESTION.test(line));
}

export function chunksOf(list, size) {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, number) => list.slice(number * size, (number + 1) * size));
}

/** @returns {{file: File, name: string}} */
export function named(file, name = file.webkitRelativePath || file.name) {
  return { file, name };
}
