// Does what is in a queue, a few at a time, in its order.

/** @template Item */
export class Queue {
  #waiting = [];
  #active = 0;

  /**
   * @param {number} atOnce
   * @param {(item: Item) => Promise<void>} work deals with its own failures
   * @param {() => void} whenDone each time nothing is left
   */
  constructor(atOnce, work, whenDone) {
    this.atOnce = atOnce;
    this.work = work;
    this.whenDone = whenDone;
  }

  add(items) {
    this.#waiting.push(...items);
    this.#goOn();
  }

  /** @returns {Item[]} what was not begun, and now will not be */
  clear() {
    return this.#waiting.splice(0);
  }

  #goOn() {
    while (this.#active < this.atOnce && this.#waiting.length) this.#begin(this.#waiting.shift());
  }

  async #begin(item) {
    this.#active += 1;
    await this.work(item);
    this.#active -= 1;
    this.#goOn();
    if (!this.#active && !this.#waiting.length) this.whenDone();
  }
}
