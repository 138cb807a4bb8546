import { classKeys, classesByName, keyOf } from './class_keys.js';
import { classRow, searchRow } from './class_row.js';
import { element } from './element.js';
import { percent } from './figures.js';

// One class an image: the draft, and the next guesses.
export class ClassPanel {
  commands = 'zsg';  // letters that are keys; any other opens the search
  help = [
    [['Enter', 'Space'], 'The draft is right'],
    [['1', '...', '9'], 'Another class'],
    [['/', 'type its name'], 'Search a class'],
  ];
  #item = null;
  #proposed = null;  // {category, score} that Enter gives
  #keys = new Map();

  // `work` has answer(labels), skip(), undo(), search(typed, choose), say(text).
  constructor(root, session, work) {
    this.root = root;
    this.categories = session.categories;
    this.work = work;
    this.byName = classesByName(session.categories);
  }

  // `marked`: the draft was marked as wrong in the grid; then `more` marked ones come after it.
  show(item, { marked = false, more = 0 } = {}) {
    this.#item = item;
    const answered = item.labels?.length ? item.labels[0] : null;
    const draft = item.drafts[0] ?? null;
    this.#proposed = answered ?? (marked ? null : draft);
    const guesses = this.#guesses(marked ? draft : null);
    this.#keys = classKeys(this.categories, guesses.map(([category]) => category));
    this.root.replaceChildren(
      this.#card(answered, draft, marked, more),
      element('h2', {}, this.#proposed ? 'or another class' : 'Classes'),
      element('div', { class: 'rows' }, ...guesses.map(([category, score]) => classRow({
        key: keyOf(this.#keys, category), name: this.categories[category], score,
        choose: () => this.#give(category),
      }))),
      searchRow(this.categories.length, () => this.search('')));
  }

  key(event) {
    if (event.key === 'Enter' || event.key === ' ') {
      if (this.#proposed) this.#give(this.#proposed.category);
      else this.work.say('No draft to accept here: choose a class.');
      return true;
    }
    if (!this.#keys.has(event.key)) return false;
    this.#give(this.#keys.get(event.key));
    return true;
  }

  search(typed) {
    this.work.search(typed, (category) => this.#give(category));
  }

  // [category, score or null], best first; of a blind image all classes by name.
  #guesses(wrong) {
    const item = this.#item;
    let guesses = item.guesses?.length ? item.guesses : this.byName.map((category) => [category, null]);
    guesses = guesses.filter(([category]) => category !== this.#proposed?.category);
    if (wrong) {
      guesses = guesses.filter(([category]) => category !== wrong.category);
      guesses.push([wrong.category, wrong.score]);
    }
    return guesses;
  }

  #card(answered, draft, marked, more) {
    if (answered) return this.#proposal('You answered', answered.category, null, 'Keep');
    if (this.#item.blind) {
      return element('div', { class: 'card quiet' }, element('p', { class: 'kind' }, 'Without a draft'),
        element('p', {}, 'What is it? This image measures how good the drafts are, so none is shown.'));
    }
    if (!draft) {
      return element('div', { class: 'card quiet' }, element('p', { class: 'kind' }, 'No draft'),
        element('p', {}, 'The model is not sure of any class.'));
    }
    if (marked) {
      return element('div', { class: 'card quiet' }, element('p', { class: 'kind' }, `Marked as wrong${more > 0 ? `; ${more} more after it` : ''}`),
        element('p', { class: 'draft' }, element('s', {}, this.categories[draft.category])));
    }
    return this.#proposal('Draft', draft.category, draft.score, 'Accept');
  }

  #proposal(kind, category, score, verb) {
    const card = element('div', { class: 'card' }, element('p', { class: 'kind' }, kind),
      element('p', { class: 'draft' }, element('b', {}, this.categories[category]),
        score === null || score === undefined ? null : element('span', {}, percent(score))));
    if (score !== null && score !== undefined) {
      const bar = element('i', { class: score < 0.5 ? 'bar unsure' : 'bar' });
      bar.style.width = `${100 * score}%`;
      card.append(element('div', { class: 'meter', 'aria-hidden': 'true' }, bar));
    }
    card.append(element('button', { type: 'button', class: 'primary', onclick: () => this.#give(category) },
      `${verb} `, element('kbd', {}, 'Enter')));
    return card;
  }

  #give(category) {
    const draft = this.#item.drafts.find((label) => label.category === category);
    this.work.answer([draft ? { id: draft.id, category } : { category }]);
  }
}
