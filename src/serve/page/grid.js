import { byId, element } from './element.js';
import { count, counted, percent } from './figures.js';

const kFewest = 24, kMost = 60;
const kTile_px = { least: 112, best: 164 };
const kGap_px = 8;

// A page of drafts of one class, all accepted at once but those that are marked as wrong.
export class Grid {
  #items = [];
  #marked = new Set();   // numbers of items
  #at = 0;               // tile with the focus
  #category = null;
  #groups = [];
  #columns = 1;
  #tiles = [];
  #list = element('div', { class: 'tiles', role: 'group' });
  #classes = element('nav', { class: 'classes', 'aria-label': 'Predicted classes' });
  #title = element('h2', { id: 'grid-title' });
  #hint = element('p', {}, 'Mark the drafts that are wrong, then accept the others.');
  #accept = element('button', { type: 'button', class: 'primary', onclick: () => this.#give() });

  // `work` has items(category, number, those that are here), give(accepted, marked, category),
  // turn(category), look(item), say(text).
  constructor(root, session, work) {
    this.root = root;
    this.categories = session.categories;
    this.work = work;
    root.append(this.#classes, element('section', { 'aria-labelledby': 'grid-title' },
      element('div', { class: 'grid-head' }, element('div', {}, this.#title, this.#hint), this.#accept), this.#list));
    new ResizeObserver(() => this.#measure()).observe(this.#list);
  }

  get items() {
    return this.#items;
  }

  // Shows the next page: of the same class while there is one, else of the class with most left.
  async next(category = this.#category) {
    const capacity = this.#capacity();
    let reply = category === null ? null : await this.work.items(category, capacity);
    if (!reply || reply.items.length === 0) {
      const groups = reply?.groups ?? (await this.work.items(0, 1)).groups;  // any class's reply lists all
      for (const group of groups.filter((one) => one.category !== category)) {
        reply = await this.work.items(group.category, capacity);
        category = group.category;
        if (reply.items.length > 0) break;
      }
    }
    if (!reply || reply.items.length === 0) return false;
    this.#category = category;
    this.#groups = reply.groups;
    this.#items = reply.items.filter((item) => !item.blind);
    this.#marked.clear();
    this.#at = 0;
    this.#draw();
    return this.#items.length > 0;
  }

  key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.#columns, ArrowDown: this.#columns }[event.key];
    if (step !== undefined) this.#focus(this.#at + step);
    else if (event.key === 'Enter') this.#give();
    else if (event.key === 'x') this.#mark(this.#at);
    else if (event.key === ' ') this.work.look(this.#items[this.#at]);
    else if (event.key === '[' || event.key === ']') this.#turn(event.key === ']' ? 1 : -1);
    else return false;
    return true;
  }

  #capacity() {
    const width = Math.max(this.#list.clientWidth, 300), height = Math.max(this.#list.clientHeight, 300);
    const fitting = Math.floor((width + kGap_px) / (kTile_px.best + kGap_px)) *
      Math.floor((height + kGap_px) / (kTile_px.best + kGap_px));
    return Math.min(Math.max(fitting, kFewest), kMost);
  }

  // As many columns as make the tiles largest without scrolling.
  #measure() {
    const width = this.#list.clientWidth, height = this.#list.clientHeight, tiles = this.#items.length;
    if (!width || !tiles) return;
    let best = 0;
    for (let columns = 1; columns <= tiles; ++columns) {
      const rows = Math.ceil(tiles / columns);
      const side = Math.floor(Math.min((width - (columns - 1) * kGap_px) / columns, (height - (rows - 1) * kGap_px) / rows));
      if (side > best) [best, this.#columns] = [side, columns];
    }
    best = Math.min(best, 260);
    if (best < kTile_px.least) {
      best = kTile_px.least;
      this.#columns = Math.max(1, Math.floor((width + kGap_px) / (best + kGap_px)));
    }
    this.#list.style.gridTemplateColumns = `repeat(${this.#columns}, ${best}px)`;
    this.#list.style.gridAutoRows = `${best}px`;
  }

  #draw() {
    this.#classes.replaceChildren(...this.#groups.map((group) => element('button', {
      type: 'button', class: 'row', 'aria-current': group.category === this.#category ? 'true' : null,
      onclick: () => this.work.turn(group.category),
    }, element('span', { class: 'name', title: this.categories[group.category] }, this.categories[group.category]),
    element('span', { class: 'score' }, count(group.left)))));
    this.#tiles = this.#items.map((item, place) => this.#tile(item, place));
    this.#list.replaceChildren(...this.#tiles);
    this.#list.scrollTop = 0;
    this.#measure();
    this.#focus(0);
    this.#tally();
    this.#lookAhead();
  }

  // The pictures of the page after this one are made while somebody looks at this one.
  async #lookAhead() {
    const [shown, category] = [this.#items, this.#category];
    await Promise.allSettled(this.#tiles.map((tile) => tile.firstChild.decode()));
    if (this.#items !== shown) return;
    const { items } = await this.work.items(category, this.#capacity(), shown).catch(() => ({ items: [] }));
    for (const item of items) new Image().src = `thumbnail/${item.item}`;
  }

  #tile(item, place) {
    const names = item.drafts.map((label) => this.categories[label.category]).join(', ');
    const score = Math.min(...item.drafts.map((label) => label.score));
    const picture = element('img', { src: `thumbnail/${item.item}`, alt: '', loading: 'lazy', decoding: 'async', draggable: 'false', onerror: () => this.#mark(place, true) });
    return element('button', {
      type: 'button', class: 'tile', 'aria-pressed': 'false', tabindex: '-1', title: item.image,
      'aria-label': `${item.image}, drafted ${names}, ${percent(score)}`,
      onclick: () => { this.#focus(place); this.#mark(place); },
      ondblclick: (event) => event.preventDefault(),
    }, picture, element('span', { class: score < 0.5 ? 'tile-score unsure' : 'tile-score' },
      item.drafts.length > 1 ? `${names} ${percent(score)}` : percent(score)));
  }

  #focus(place) {
    if (place < 0 || place >= this.#tiles.length) return;
    this.#tiles[this.#at]?.setAttribute('tabindex', '-1');
    this.#at = place;
    this.#tiles[place].setAttribute('tabindex', '0');
    this.#tiles[place].focus();
  }

  // What cannot be shown cannot be accepted.
  #mark(place, always = false) {
    const number = this.#items[place].item;
    if (always || !this.#marked.delete(number)) this.#marked.add(number);
    this.#tiles[place].setAttribute('aria-pressed', String(this.#marked.has(number)));
    this.#tally();
  }

  #tally() {
    const right = this.#items.length - this.#marked.size;
    const left = this.#groups.find((group) => group.category === this.#category)?.left ?? this.#items.length;
    this.#title.replaceChildren(element('b', {}, this.categories[this.#category]),
      element('span', {}, ` ${this.#items.length} of ${counted(left, 'draft')}`));
    this.#accept.replaceChildren(right === 0 ? 'Accept none' : `Accept ${right}`,
      this.#marked.size ? `, then correct ${this.#marked.size} ` : ' ', element('kbd', {}, 'Enter'));
  }

  #turn(step) {
    const at = this.#groups.findIndex((group) => group.category === this.#category);
    const group = this.#groups[(at + step + this.#groups.length) % this.#groups.length];
    if (group) this.work.turn(group.category);
  }

  #give() {
    const missing = this.#tiles.findIndex((tile) => !tile.firstChild.complete);
    if (missing >= 0) {
      this.#focus(missing);
      return this.work.say('Not all pictures are here yet.');
    }
    const marked = this.#items.filter((item) => this.#marked.has(item.item));
    const accepted = this.#items.filter((item) => !this.#marked.has(item.item));
    this.work.give(accepted, marked, this.#category);
  }
}
