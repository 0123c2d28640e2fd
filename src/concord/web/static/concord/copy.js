// A button that copies what it carries, and says so for a moment.

const SAID_MILLISECONDS = 1500;

export function offerCopies() {
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
  document.addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-copy]");
    if (!button) return;
    const word = button.querySelector("[data-copy-word]");
    word.textContent = await copied(button.dataset.copy);
    setTimeout(() => { word.textContent = "Copy"; }, SAID_MILLISECONDS);
  });
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return "Copied";
  } catch {
    return "Not allowed";
  }
}
