import { colourOf } from './box_colours.js';
import { boxAt, handleAt, moveDrag, moved, newDrag, resizeDrag } from './box_drags.js';
import { BoxOverlay, isUnsure } from './box_overlay.js';
import { classKeys, keyOf } from './class_keys.js';
import { classRow, searchRow } from './class_row.js';
import { element } from './element.js';
import { counted, percent } from './figures.js';
import { forgetEdits, keptEdits, keepEdits } from './kept_edits.js';

const kNudgeJoins_ms = 1000;
const kSamePlace_px = 0.01;  // numbers come back with other last digits
const kNudges = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function differs(box, draft) {
  return box.category !== draft.category || box.bbox.some((side, i) => Math.abs(side - draft.bbox[i]) > kSamePlace_px);
}

// The boxes of an image: drafts to accept, change or delete, and new ones to draw.
export class BoxPanel {
  commands = 'zsghndx';
  help = [
    [['Enter'], 'All boxes are right now'],
    [['n'], 'Nothing here: the image holds no object'],
    [['drag on the picture'], 'Draw a box of the chosen class'],
    [['d', 'then drag'], 'Draw where another box lies'],
    [['Tab', 'click a box'], 'Select a box; Tab goes from the least sure on'],
    [['1', '...', '9'], 'Class of the selected box, else of the next one'],
    [['/', 'type its name'], 'Search a class'],
    [['x', 'Delete'], 'Delete the selected box'],
    [['\u2190', '\u2191', '\u2192', '\u2193'], 'Move it by a pixel, with Shift by ten, with Ctrl its lower right corner'],
    [['h'], 'Hide the names, show them again'],
  ];
  boxes = [];       // {id, category, score, bbox, touched}: bbox in pixels of the upright image
  #item = null;
  #selected = null;
  #hovered = null;
  #brush = null;    // class of the next box; null: nobody has used one yet
  #drawing = false; // the next drag draws, whatever lies there
  #tagged = true;
  #edits = [];      // {boxes, selected} before each change
  #nudged_ms = 0;
  #keys;

  constructor(root, session, work, stage) {
    this.root = root;
    this.categories = session.categories;
    this.session = session;
    this.work = work;
    this.stage = stage;
    this.overlay = new BoxOverlay(stage, session.categories);
    this.#keys = classKeys(this.categories, this.categories.map((_, category) => category));
    stage.onChange = () => this.redraw();
    stage.onPress = (event) => this.#press(event);
    stage.root.addEventListener('pointermove', (event) => this.#hover(event));
    stage.root.addEventListener('pointerleave', () => this.#point(null));
  }

  show(item) {
    this.#item = item;
    const drafts = new Map(item.drafts.map((draft) => [draft.id, draft]));
    this.boxes = (item.labels ?? item.drafts).map((label) => {
      const draft = drafts.get(label.id);
      return {
        id: label.id ?? null, category: label.category, score: draft?.score ?? null, bbox: [...label.bbox],
        touched: !draft || differs(label, draft),
      };
    });
    this.#edits = [];
    this.#selected = this.#hovered = null;
    this.#setDrawing(false);
    const kept = keptEdits(this.session, item);
    if (kept) {
      this.remember();
      this.boxes = kept;
      this.work.say('Your changes of this image, as you left them. z takes them back.');
    }
    this.redraw();
    this.#drawPanel();
  }

  hide() {
    this.boxes = [];
    this.#selected = this.#hovered = null;
    this.redraw();
  }

  key(event) {
    if (event.key === 'Enter') this.#accept();
    else if (event.key === 'n') this.#give([]);
    else if (event.key === 'z') return this.takeBack();
    else if (event.key === 'Tab') this.#cycle(event.shiftKey ? -1 : 1);
    else if (event.key === 'Delete' || event.key === 'Backspace' || event.key === 'x') this.#remove();
    else if (event.key === 'Escape') { this.#setDrawing(false); this.select(null); }
    else if (event.key === 'd') this.#setDrawing(!this.#drawing);
    else if (event.key === 'h') { this.#tagged = !this.#tagged; this.redraw(); }
    else if (kNudges[event.key]) this.#nudge(event);
    else if (this.#keys.has(event.key)) this.#setClass(this.#keys.get(event.key));
    else return event.key === ' ';
    return true;
  }

  search(typed) {
    this.work.search(typed, (category) => this.#setClass(category));
  }

  // What the drags change.
  remember() {
    this.#edits.push({ boxes: this.boxes.map((box) => ({ ...box, bbox: [...box.bbox] })), selected: this.#selected });
  }

  put(place, bbox) {
    Object.assign(this.boxes[place], { bbox, touched: true });
    this.redraw();
  }

  add() {
    this.boxes.push({ id: null, category: this.#nextClass(), score: null, bbox: [0, 0, 0, 0], touched: true });
    this.#selected = this.boxes.length - 1;
    return this.#selected;
  }

  select(place) {
    this.#selected = place;
    if (place !== null) this.#brush = this.boxes[place].category;
    this.redraw();
    this.#drawPanel();
  }

  undoEdit() {
    const before = this.#edits.pop();
    if (before) [this.boxes, this.#selected] = [before.boxes, before.selected];
  }

  // False when there is no change of this image to take back.
  takeBack() {
    if (this.#edits.length === 0) return false;
    this.undoEdit();
    this.#nudged_ms = 0;
    this.settle();
    return true;
  }

  // A change is complete.
  settle() {
    this.#setDrawing(false);
    if (this.#edits.length) keepEdits(this.session, this.#item, this.boxes);
    else forgetEdits();
    this.redraw();
    this.#drawPanel();
  }

  redraw() {
    this.overlay.draw(this.boxes, { selected: this.#selected, hovered: this.#hovered, tagged: this.#tagged });
  }

  #press(event) {
    const at = this.stage.onStage(event), point = this.stage.inImage(event);
    if (!this.#drawing && this.#selected !== null) {
      const handle = handleAt(this.overlay.onStage(this.boxes[this.#selected]), at);
      if (handle) return resizeDrag(this.stage, event, this, this.#selected, handle);
    }
    const hit = this.#drawing ? null : boxAt(this.boxes, point, 3 / this.stage.scale);
    if (hit === null) return newDrag(this.stage, event, this);
    this.select(hit);
    return moveDrag(this.stage, event, this, hit);
  }

  #hover(event) {
    if (event.buttons) return;
    const handle = this.#selected === null || this.#drawing ? null
      : handleAt(this.overlay.onStage(this.boxes[this.#selected]), this.stage.onStage(event));
    const hit = this.#drawing ? null : boxAt(this.boxes, this.stage.inImage(event), 3 / this.stage.scale);
    const style = this.stage.root.style;
    if (handle) style.cursor = handle[0] === 0 ? 'ns-resize' : handle[1] === 0 ? 'ew-resize' : handle[0] === handle[1] ? 'nwse-resize' : 'nesw-resize';
    else style.cursor = hit === null ? 'crosshair' : 'move';
    this.#point(hit);
  }

  #point(place) {
    if (place === this.#hovered) return;
    this.#hovered = place;
    this.redraw();
    for (const row of this.root.querySelectorAll('.box-row')) row.classList.toggle('hovered', Number(row.dataset.place) === place);
  }

  #setDrawing(drawing) {
    this.#drawing = drawing;
    this.stage.root.classList.toggle('drawing', drawing);
    if (drawing) this.select(null);
  }

  // Least sure first; what people made or touched comes last.
  #order() {
    const sureness = (box) => (box.touched || box.score === null ? 2 : box.score);
    return this.boxes.map((_, place) => place).sort((one, other) => sureness(this.boxes[one]) - sureness(this.boxes[other]));
  }

  #cycle(step) {
    const order = this.#order();
    if (order.length === 0) return;
    const at = order.indexOf(this.#selected);
    this.select(order[at < 0 ? (step > 0 ? 0 : order.length - 1) : (at + step + order.length) % order.length]);
  }

  #setClass(category) {
    this.#brush = category;
    const box = this.#selected === null ? null : this.boxes[this.#selected];
    if (box && box.category !== category) {
      this.remember();
      Object.assign(box, { category, touched: true });
      this.settle();
    } else {
      this.#drawPanel();
    }
  }

  // The last used, to begin with the most frequent of the image.
  #nextClass() {
    if (this.#brush !== null) return this.#brush;
    const numbers = this.categories.map(() => 0);
    for (const box of this.boxes) ++numbers[box.category];
    return numbers.indexOf(Math.max(...numbers));
  }

  #remove() {
    if (this.#selected === null) return this.work.say('Select a box first: click it, or Tab.');
    this.remember();
    this.boxes.splice(this.#selected, 1);
    this.#selected = this.#hovered = null;
    this.settle();
  }

  #nudge(event) {
    if (this.#selected === null) return;
    const box = this.boxes[this.#selected], step = event.shiftKey ? 10 : 1, size = this.stage.sizeOfImage();
    const by = { x: kNudges[event.key][0] * step, y: kNudges[event.key][1] * step };
    const now_ms = performance.now();
    if (now_ms - this.#nudged_ms > kNudgeJoins_ms || this.#edits.length === 0) this.remember();
    this.#nudged_ms = now_ms;
    const [x, y, width, height] = box.bbox;
    box.bbox = event.ctrlKey
      ? [x, y, Math.min(Math.max(width + by.x, 1), size.width - x), Math.min(Math.max(height + by.y, 1), size.height - y)]
      : moved(box.bbox, by, size);
    box.touched = true;
    this.settle();
  }


  #accept() {
    if (this.boxes.length === 0 && (this.#item.drafts.length === 0 || this.#item.blind) && this.#edits.length === 0 && !this.#item.labels) {
      return this.work.say('There is no box. n says that nothing is here.');
    }
    this.#give(this.boxes);
  }

  async #give(boxes) {
    const given = await this.work.answer(boxes.map(({ id, category, bbox }) => (id === null ? { category, bbox } : { id, category, bbox })));
    if (given) forgetEdits();
  }

  // How the boxes differ from what was shown, in words; "" when they do not.
  #difference() {
    const before = new Map(this.#item.drafts.map((label) => [label.id, label]));
    let changed = 0, added = 0;
    for (const box of this.boxes) {
      const draft = before.get(box.id);
      if (!draft) ++added;
      else {
        before.delete(box.id);
        if (differs(box, draft)) ++changed;
      }
    }
    return [[changed, 'changed'], [added, 'drawn'], [before.size, 'deleted']]
      .filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`).join(', ');
  }

  #drawPanel() {
    if (!this.#item) return;
    const difference = this.#difference(), boxes = counted(this.boxes.length, 'box', 'boxes');
    const kind = this.#item.labels ? 'You answered' : this.#item.blind ? 'Without a draft: draw all objects' : 'Draft';
    this.root.replaceChildren(
      element('div', { class: 'card' },
        element('p', { class: 'kind' }, difference && !this.#item.blind ? `${kind}, ${difference}` : kind),
        element('p', { class: 'draft' }, element('b', {}, boxes)),
        element('button', { type: 'button', class: 'primary', onclick: () => this.#accept() },
          difference ? `Save ${boxes} ` : `Accept ${boxes} `, element('kbd', {}, 'Enter')),
        element('button', { type: 'button', class: 'plain', onclick: () => this.#give([]) }, 'Nothing here ', element('kbd', {}, 'n'))),
      element('h2', {}, this.#selected === null ? 'Class of the next box' : 'Class of the selected box'),
      element('div', { class: 'rows palette' }, ...this.#palette()),
      searchRow(this.categories.length, () => this.search('')),
      element('h2', {}, 'Boxes, least sure first'),
      element('div', { class: 'rows box-rows' }, ...this.#order().map((place) => this.#boxRow(place))));
    this.root.querySelector('.box-row[aria-pressed="true"]')?.scrollIntoView({ block: 'nearest' });
  }

  #palette() {
    const numbers = this.categories.map(() => 0);
    for (const box of this.boxes) ++numbers[box.category];
    const next = this.#nextClass(), shown = [...this.#keys.values()];
    const more = this.categories.map((_, category) => category).filter((category) => !shown.includes(category) && (numbers[category] > 0 || category === next));
    return [...shown, ...more].map((category) => classRow({
      key: keyOf(this.#keys, category), name: this.categories[category], colour: colourOf(category),
      pressed: category === next, note: numbers[category] ? String(numbers[category]) : '',
      choose: () => this.#setClass(category),
    }));
  }

  #boxRow(place) {
    const box = this.boxes[place];
    const swatch = element('i', { class: isUnsure(box) ? 'swatch unsure' : 'swatch' });
    swatch.style.setProperty('--colour', colourOf(box.category));
    return element('button', {
      type: 'button', class: 'row box-row', 'data-place': place, 'aria-pressed': String(place === this.#selected),
      onclick: () => this.select(place),
      onpointerenter: () => this.#point(place), onpointerleave: () => this.#point(null),
    }, swatch, element('span', { class: 'name' }, this.categories[box.category]),
    element('span', { class: 'score' }, box.touched ? (box.id ? 'changed' : 'drawn') : percent(box.score)));
  }
}
