// Files that are dropped on the page, folders included, or pasted.

import { named } from "./questions.js";

/**
 * @param {HTMLElement} veil shown while files are held over the page
 * @param {(files: Array<{file: File, name: string}>) => void} give
 */
export function takeDrops(veil, give) {
  let depth = 0; // entering a child comes before leaving its parent
  const show = (change) => {
    depth = Math.max(0, depth + change);
    veil.hidden = depth === 0;
  };
  const withFiles = (event) => event.dataTransfer?.types.includes("Files");
  addEventListener("dragenter", (event) => withFiles(event) && show(1));
  addEventListener("dragleave", (event) => withFiles(event) && show(-1));
  addEventListener("dragover", (event) => withFiles(event) && event.preventDefault());
  addEventListener("drop", async (event) => {
    if (!withFiles(event)) return;
    event.preventDefault();
    show(-depth);
    give(await droppedFiles(event.dataTransfer));
  });
}

async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean); // gone after the event
  if (!entries.length) return [...transfer.files].map((file) => named(file));
  return (await Promise.all(entries.map(filesBelow))).flat();
}

/** An entry that cannot be read comes as an empty file of its name, so that its card says so. */
async function filesBelow(entry) {
  const name = entry.fullPath.replace(/^\//, "");
  try {
    if (entry.isFile) return [named(await new Promise((done, fail) => entry.file(done, fail)), name)];
    return (await Promise.all((await childrenOf(entry)).map(filesBelow))).flat();
  } catch {
    return [named(new File([], name), name)];
  }
}

async function childrenOf(folder) {
  const reader = folder.createReader();
  const children = [];
  for (;;) { // it gives about a hundred at a time
    const some = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (!some.length) return children;
    children.push(...some);
  }
}
