import { classKeys, classesByName, keyOf } from './class_keys.js';
import { classRow, searchRow } from './class_row.js';
import { element } from './element.js';
import { counted } from './figures.js';

// Several classes an image: those of the draft are chosen to begin with.
export class ClassSetPanel {
  commands = 'zsgn';
  help = [
    [['Enter', 'Space'], 'Accept the chosen classes'],
    [['1', '...', '9'], 'Choose a class, or no longer'],
    [['/', 'type its name'], 'Search a class'],
    [['n'], 'None of the classes'],
  ];
  #item = null;
  #chosen = new Set();
  #shown = [];  // [category, score or null] in the order of the rows
  #keys = new Map();

  constructor(root, session, work) {
    this.root = root;
    this.categories = session.categories;
    this.work = work;
    this.byName = classesByName(session.categories);
  }

  show(item) {
    this.#item = item;
    this.#chosen = new Set((item.labels ?? item.drafts).map((label) => label.category));
    this.#shown = item.guesses?.length ? [...item.guesses] : this.byName.map((category) => [category, null]);
    for (const category of this.#chosen) this.#addRow(category);
    this.#keys = classKeys(this.categories, this.#shown.map(([category]) => category));
    this.#draw();
  }

  key(event) {
    if (event.key === 'Enter' || event.key === ' ') this.#accept();
    else if (event.key === 'n') this.work.answer([]);
    else if (this.#keys.has(event.key)) this.#toggle(this.#keys.get(event.key));
    else return false;
    return true;
  }

  search(typed) {
    this.work.search(typed, (category) => {
      this.#addRow(category);
      this.#toggle(category);
    });
  }

  #addRow(category) {
    if (!this.#shown.some(([shown]) => shown === category)) this.#shown.push([category, null]);
  }

  #toggle(category) {
    if (!this.#chosen.delete(category)) this.#chosen.add(category);
    this.#draw();
  }

  #accept() {
    // Nothing chosen by mistake would say that nothing is there.
    if (this.#chosen.size === 0) return this.work.say('No class is chosen. n says that none applies.');
    this.work.answer([...this.#chosen].map((category) => {
      const draft = this.#item.drafts.find((label) => label.category === category);
      return draft ? { id: draft.id, category } : { category };
    }));
  }

  #draw() {
    const names = [...this.#chosen].map((category) => this.categories[category]);
    const kind = this.#item.labels ? 'You answered' : this.#item.blind ? 'Without a draft' : 'Draft';
    this.root.replaceChildren(
      element('div', { class: names.length ? 'card' : 'card quiet' }, element('p', { class: 'kind' }, kind),
        element('p', { class: 'draft set' }, names.length ? names.join(', ') : 'No class is chosen'),
        element('button', { type: 'button', class: 'primary', onclick: () => this.#accept() },
          `Accept ${counted(names.length, 'class', 'classes')} `, element('kbd', {}, 'Enter'))),
      element('h2', {}, 'Classes'),
      element('div', { class: 'rows' }, ...this.#shown.map(([category, score]) => classRow({
        key: keyOf(this.#keys, category), name: this.categories[category], score,
        pressed: this.#chosen.has(category), choose: () => this.#toggle(category),
      }))),
      searchRow(this.categories.length, () => this.search('')),
      element('button', { type: 'button', class: 'row', onclick: () => this.work.answer([]) },
        element('kbd', {}, 'n'), element('span', { class: 'name' }, 'None of the classes')));
  }
}
