// Does what is in a queue, a few at a time, in its order, until it is empty or the signal says stop.

/**
 * @template Item
 * @param {Item[]} queue may grow while it is worked off
 * @param {number} atOnce
 * @param {AbortSignal} signal items not begun when it aborts are left out
 * @param {(item: Item) => Promise<void>} work deals with its own failures
 */
export async function runAll(queue, atOnce, signal, work) {
  const waiting = queue.values(); // looks at the queue as it is then, not as it was now
  const line = async () => {
    for (const item of waiting) {
      if (signal.aborted) return;
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, line));
}
