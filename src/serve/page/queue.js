const kAhead = 20;   // asked for at once
const kLow = 10;     // left when more are asked for
const kPrefetched = 5;

// The images that come next, one by one. They are leased to the reviewer by the program.
export class Queue {
  left = null;          // images still to be answered, as the program said last
  #waiting = [];
  #asking = null;
  #answered = new Set();

  constructor(program, pictures, reviewer) {
    this.program = program;
    this.pictures = pictures;
    this.reviewer = reviewer;
    this.current = null;
  }

  // null: there is none left for this reviewer.
  async next() {
    this.current = null;
    if (this.#waiting.length === 0) await this.#fill();
    this.current = this.#waiting.shift() ?? null;
    for (const item of this.#waiting.slice(0, kPrefetched)) this.pictures.of(item);
    if (this.#waiting.length < kLow) this.#fill().catch(() => {});
    return this.current;
  }

  putBack(item) {
    if (!this.#waiting.some((other) => other.item === item.item)) this.#waiting.unshift(item);
  }

  setAnswered(item, answered) {
    if (answered) {
      this.#answered.add(item);
      this.#waiting = this.#waiting.filter((other) => other.item !== item);
    } else {
      this.#answered.delete(item);
    }
  }

  // Any question for images tells the program that its reviewer is still at work, who else loses
  // what was given out after ten minutes.
  renew() {
    this.#fill(1).catch(() => {});
  }

  #fill(number = kAhead) {
    this.#asking ??= this.#ask(number).finally(() => { this.#asking = null; });
    return this.#asking;
  }

  async #ask(number) {
    const held = [...this.#waiting, ...(this.current ? [this.current] : [])].map((item) => item.item);
    const reply = await this.program.post('items', {
      reviewer: this.reviewer, count: number, mode: 'single', category: null, except: held,
    });
    this.left = reply.left;
    // While the program was asked, an image of its reply may have been answered here.
    const known = new Set([...this.#waiting.map((item) => item.item), this.current?.item]);
    this.#waiting.push(...reply.items.filter((item) => !known.has(item.item) && !this.#answered.has(item.item)));
    for (const item of this.#waiting.slice(0, kPrefetched)) this.pictures.of(item);
  }
}
