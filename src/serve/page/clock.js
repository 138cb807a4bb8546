const kIdle_ms = 60000;

// Seconds that somebody had an image in front of them: not while the page is hidden or behind
// another window, and at most a minute after the last sign of life.
export class Clock {
  #spent_ms = 0;
  #since = null;  // performance.now() of the last sign of life; null while it stands still
  #sign_ms = performance.now();

  constructor() {
    for (const sign of ['pointermove', 'pointerdown', 'wheel', 'keydown']) {
      document.addEventListener(sign, () => this.#live(), { capture: true, passive: true });
    }
    document.addEventListener('visibilitychange', () => this.#follow());
    window.addEventListener('focus', () => this.#follow());
    window.addEventListener('blur', () => this.#follow());
  }

  restart() {
    this.#spent_ms = 0;
    this.#since = null;
    this.#follow();
  }

  seconds() {
    this.#beat();
    return Math.round(this.#spent_ms / 10) / 100;
  }

  // Somebody has touched the page in the last `time_ms`.
  awake(time_ms) {
    return performance.now() - this.#sign_ms < time_ms;
  }

  #live() {
    this.#sign_ms = performance.now();
    this.#beat();
  }

  #beat() {
    if (this.#since === null) return;
    const now = performance.now();
    this.#spent_ms += Math.min(now - this.#since, kIdle_ms);
    this.#since = now;
  }

  #follow() {
    this.#beat();
    const inFront = !document.hidden && document.hasFocus();
    this.#since = inFront ? performance.now() : null;
  }
}
