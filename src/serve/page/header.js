import { byId } from './element.js';
import { count, duration } from './figures.js';
import { Refused } from './program.js';
import { changeName } from './reviewer.js';

const kAsked_ms = 3000;  // least time between two questions for the pace

// How far the work is, how fast, and how long it will take.
export class Header {
  #asked_ms = -Infinity;
  #waiting = null;

  constructor(program, session, reviewer) {
    this.program = program;
    this.reviewer = reviewer;
    this.total = session.total;
    byId('model').textContent = session.model_version;
    byId('folder').textContent = session.selection ? `${session.folder} / ${session.selection}` : session.folder;
    byId('who').textContent = reviewer;
    byId('who').addEventListener('click', () => changeName(session));
    this.#count(session.answered);
    this.#ask();
  }

  // `reply` says how many are `answered` now.
  answered(reply) {
    this.#count(reply.answered);
    const wait_ms = this.#asked_ms + kAsked_ms - performance.now();
    this.#waiting ??= setTimeout(() => this.#ask(), Math.max(wait_ms, 0));
  }

  // Images that nobody has decided.
  get open() {
    return this.total - this.done;
  }

  #count(answered) {
    this.done = answered;
    byId('done').textContent = `${count(answered)} / ${count(this.total)}`;
    byId('progress').max = Math.max(this.total, 1);
    byId('progress').value = answered;
  }

  async #ask() {
    this.#asked_ms = performance.now();
    try {
      const progress = await this.program.get(`progress?reviewer=${encodeURIComponent(this.reviewer)}`);
      this.total = progress.total;
      this.#count(progress.answered);
      byId('pace').textContent = progress.seconds_mean > 0 ? `${progress.seconds_mean.toFixed(1)} s` : '-';
      byId('time-left').textContent = progress.left === 0 ? 'none' : progress.seconds_mean > 0 ? duration(progress.left_s) : '-';
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    } finally {
      this.#waiting = null;
    }
  }
}
