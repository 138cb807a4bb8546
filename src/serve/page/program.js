import { byId } from './element.js';

const kPatience_ms = 30000;
const kPauses_ms = [1000, 2000, 3000, 5000];

// What the program said no to; trying again would not help.
export class Refused extends Error {}

// The program behind the page. While it does not answer, a banner says so and the same request is
// made again: nothing that was answered is dropped.
export class Program {
  #wake = () => {};

  constructor() {
    byId('banner-retry').addEventListener('click', () => this.#wake());
  }

  get(path) {
    return this.#ask(path, { method: 'GET' });
  }

  post(path, body) {
    return this.#ask(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  // Why a picture did not come: the program's sentence, or "".
  async why(path) {
    try {
      return (await (await fetch(path)).json()).error ?? '';
    } catch {
      return '';
    }
  }

  async #ask(path, options) {
    for (let tries = 0; ; ++tries) {
      try {
        const reply = await this.#once(path, options);
        if (tries > 0) byId('banner').hidden = true;
        return reply;
      } catch (error) {
        if (error instanceof Refused) throw error;
        this.#complain(error.message, options.method === 'POST');
        await this.#pause(kPauses_ms[Math.min(tries, kPauses_ms.length - 1)]);
      }
    }
  }

  async #once(path, options) {
    let response;
    try {
      response = await fetch(`api/${path}`, { ...options, signal: AbortSignal.timeout(kPatience_ms) });
    } catch {
      throw new Error('The program does not answer. Is it still running?');
    }
    const reply = await response.json().catch(() => ({}));
    if (response.ok) return reply;
    const why = reply.error ?? `The program answered with status ${response.status}.`;
    if (response.status >= 500) throw new Error(why);
    if (response.status === 403) this.#end();
    throw new Refused(why);
  }

  #end() {
    byId('banner-text').textContent =
      'The program does not know this page any more: it was started anew. Open the address that it printed.';
    byId('banner-retry').hidden = true;
    byId('banner').hidden = false;
  }

  #complain(why, answered) {
    const kept = answered ? ' What you answered is kept here and sent again' : ' It is asked again';
    byId('banner-text').textContent = `${why}${kept} until it arrives; leave this page open.`;
    byId('banner').hidden = false;
  }

  #pause(time_ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, time_ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
