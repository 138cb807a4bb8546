import { classesByName } from './class_keys.js';
import { byId, element } from './element.js';
import { count } from './figures.js';

const kShown = 60;

// How well a class answers to what was typed; lower is better, null not at all.
function distance(name, typed) {
  const low = name.toLocaleLowerCase();
  if (low === typed) return 0;
  if (low.startsWith(typed)) return 1;
  const at = low.indexOf(typed);
  if (at > 0) return /[\p{L}\p{N}]/u.test(low[at - 1]) ? 3 : 2;
  let next = 0;
  for (const letter of typed) {
    next = low.indexOf(letter, next) + 1;
    if (next === 0) return null;
  }
  return 4;
}

// Finds a class among all by a few letters.
export class Search {
  #categories;
  #found = [];
  #at = 0;
  #choose = null;

  constructor(categories) {
    this.#categories = classesByName(categories).map((category) => ({ name: categories[category], category }));
    this.dialog = byId('search-dialog');
    this.input = byId('search');
    this.input.addEventListener('input', () => this.#find());
    this.input.addEventListener('keydown', (event) => this.#key(event));
    this.dialog.addEventListener('mousedown', (event) => { if (event.target === this.dialog) this.dialog.close(); });
  }

  get open() {
    return this.dialog.open;
  }

  // `choose` gets the index of the category.
  ask(typed, choose) {
    this.#choose = choose;
    this.input.value = typed;
    this.dialog.showModal();
    this.input.focus();
    this.input.setSelectionRange(typed.length, typed.length);
    this.#find();
  }

  #find() {
    const typed = this.input.value.trim().toLocaleLowerCase();
    this.#found = this.#categories
      .map((entry) => ({ ...entry, far: distance(entry.name, typed) }))
      .filter((entry) => entry.far !== null)
      .sort((one, other) => one.far - other.far);
    this.#at = 0;
    this.#draw();
  }

  #draw() {
    const shown = this.#found.slice(0, kShown);
    byId('found').replaceChildren(...shown.map((entry, place) =>
      element('li', {
        id: `found-${place}`, role: 'option', 'aria-selected': String(place === this.#at),
        onclick: () => this.#take(place),
      }, entry.name)));
    const more = this.#found.length - shown.length;
    byId('found-note').textContent = this.#found.length === 0
      ? 'No class of that name.'
      : more > 0 ? `and ${count(more)} more; type on` : '';
    this.input.setAttribute('aria-activedescendant', shown.length ? `found-${this.#at}` : '');
    byId(`found-${this.#at}`)?.scrollIntoView({ block: 'nearest' });
  }

  #key(event) {
    const last = Math.min(this.#found.length, kShown) - 1;
    if (event.key === 'ArrowDown') this.#at = Math.min(this.#at + 1, last);
    else if (event.key === 'ArrowUp') this.#at = Math.max(this.#at - 1, 0);
    else if (event.key === 'Enter' && !event.repeat) this.#take(this.#at);
    else return;
    event.preventDefault();
    event.stopPropagation();
    if (this.dialog.open) this.#draw();
  }

  #take(place) {
    const entry = this.#found[place];
    if (!entry) return;
    this.dialog.close();
    this.#choose(entry.category);
  }
}
