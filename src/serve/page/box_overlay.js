import { colourOf } from './box_colours.js';
import { element } from './element.js';
import { percent } from './figures.js';

export const kUnsure = 0.5;     // a draft with a lower score is dashed until somebody touches it
const kNarrow_px = 60;          // no name stands by a smaller box unless it is selected
const kHandle_px = 10;

// Corners and middles of the sides: [name, share of the width, share of the height].
export const kHandles = [['nw', 0, 0], ['n', 0.5, 0], ['ne', 1, 0], ['e', 1, 0.5], ['se', 1, 1], ['s', 0.5, 1],
  ['sw', 0, 1], ['w', 0, 0.5]];

function shape(tag, name) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  made.setAttribute('class', name);
  return made;
}

function place(rectangle, x, y, width, height) {
  rectangle.setAttribute('x', x);
  rectangle.setAttribute('y', y);
  rectangle.setAttribute('width', Math.max(width, 0));
  rectangle.setAttribute('height', Math.max(height, 0));
}

export function isUnsure(box) {
  return !box.touched && box.score !== null && box.score < kUnsure;
}

// Boxes over a stage: lines as wide whatever the zoom, names and scores beside them.
export class BoxOverlay {
  #drawn = [];  // {edge, line, tag} by place
  #handles = [];

  constructor(stage, categories) {
    this.stage = stage;
    this.categories = categories;
    this.lines = shape('svg', 'boxes');
    this.lines.setAttribute('aria-hidden', 'true');
    this.tags = element('div', { class: 'tags', 'aria-hidden': 'true' });
    this.top = shape('g', 'handles');
    this.lines.append(this.top);
    stage.root.append(this.lines, this.tags);
    for (const [name] of kHandles) {
      const handle = shape('rect', `handle ${name}`);
      handle.dataset.handle = name;
      this.#handles.push(handle);
    }
  }

  // `selected` and `hovered` are places in `boxes`, or null.
  draw(boxes, { selected, hovered, tagged }) {
    while (this.#drawn.length > boxes.length) {
      const { edge, line, tag } = this.#drawn.pop();
      for (const one of [edge, line, tag]) one.remove();
    }
    while (this.#drawn.length < boxes.length) this.#add();
    boxes.forEach((box, at) => this.#drawOne(this.#drawn[at], box, {
      selected: at === selected, hovered: at === hovered, tagged,
    }));
    this.#drawHandles(selected === null ? null : boxes[selected]);
  }

  onStage(box) {
    const { scale, x, y } = this.stage;
    const [left, top, width, height] = box.bbox;
    return { x: x + left * scale, y: y + top * scale, width: width * scale, height: height * scale };
  }

  #add() {
    const drawn = { edge: shape('rect', 'edge'), line: shape('rect', 'line'), tag: element('span', { class: 'tag' }) };
    this.lines.insertBefore(drawn.edge, this.top);
    this.lines.insertBefore(drawn.line, this.top);
    this.tags.append(drawn.tag);
    this.#drawn.push(drawn);
  }

  #drawOne({ edge, line, tag }, box, { selected, hovered, tagged }) {
    const at = this.onStage(box);
    place(edge, at.x, at.y, at.width, at.height);
    place(line, at.x, at.y, at.width, at.height);
    const colour = colourOf(box.category);
    line.style.stroke = colour;
    line.style.fill = selected || hovered ? colour : 'none';
    line.classList.toggle('selected', selected);
    line.classList.toggle('unsure', isUnsure(box));
    const named = selected || hovered || (tagged && at.width >= kNarrow_px);
    tag.hidden = !named;
    if (!named) return;
    const score = box.score === null || box.touched ? '' : ` ${percent(box.score)}`;
    tag.textContent = `${this.categories[box.category]}${score}`;
    tag.classList.toggle('selected', selected);
    tag.style.background = colour;
    tag.style.left = `${at.x}px`;
    tag.style.maxWidth = selected || hovered ? '' : `${Math.max(at.width, kNarrow_px)}px`;
    // Above the box, or within it at the upper end of the stage.
    tag.style.top = at.y > 20 ? `${at.y - 19}px` : `${Math.max(at.y, 0) + 1}px`;
  }

  #drawHandles(box) {
    this.top.replaceChildren();
    if (!box) return;
    const at = this.onStage(box);
    kHandles.forEach(([, across, down], i) => {
      place(this.#handles[i], at.x + across * at.width - kHandle_px / 2, at.y + down * at.height - kHandle_px / 2,
        kHandle_px, kHandle_px);
      this.top.append(this.#handles[i]);
    });
  }
}
