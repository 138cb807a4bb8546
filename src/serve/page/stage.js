import { element } from './element.js';

const kMargin_px = 12;
const kSmallest_px = 48;     // longer side of the picture at the least zoom
const kLargestPixel_px = 40; // side of one pixel of the image at the greatest
const kFitEnlarges = 6;
const kWheel = 0.0016;

// A picture that can be zoomed and dragged. Coordinates of the image are pixels of the upright
// image, whatever size the picture was sent in.
export class Stage {
  scale = 1;
  x = 0;
  y = 0;
  onChange = () => {};        // the place of the picture on the stage has changed
  onZoom = () => {};          // (scale)
  onPress = () => null;       // (event) -> {move(event), end(event)} or null: the picture is dragged
  #width = 1;
  #height = 1;
  #fitted = true;
  #holder = element('div', { class: 'picture' });
  #held = false;              // the space bar is down

  constructor(root) {
    this.root = root;
    root.append(this.#holder);
    new ResizeObserver(() => (this.#fitted ? this.fit() : this.#place())).observe(root);
    root.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    root.addEventListener('pointerdown', (event) => this.#press(event));
    root.addEventListener('dblclick', () => this.onDouble?.());
    document.addEventListener('keydown', (event) => { if (event.key === ' ') this.#held = true; });
    document.addEventListener('keyup', (event) => { if (event.key === ' ') this.#held = false; });
  }

  show(item, picture, name) {
    this.#width = item.width || picture.naturalWidth || 1;
    this.#height = item.height || picture.naturalHeight || 1;
    picture.alt = name;
    this.#holder.replaceChildren(picture);
    this.fit();
  }

  sizeOfImage() {
    return { width: this.#width, height: this.#height };
  }

  clear(...content) {
    this.#holder.replaceChildren(...content);
  }

  fit() {
    const width = this.root.clientWidth - 2 * kMargin_px;
    const height = this.root.clientHeight - 2 * kMargin_px;
    this.#fitted = true;
    this.scale = Math.max(1e-3, Math.min(width / this.#width, height / this.#height, kFitEnlarges));
    this.x = (this.root.clientWidth - this.#width * this.scale) / 2;
    this.y = (this.root.clientHeight - this.#height * this.scale) / 2;
    this.#place();
  }

  // About a point of the stage, its middle unless told.
  zoom(factor, about = { x: this.root.clientWidth / 2, y: this.root.clientHeight / 2 }) {
    const least = kSmallest_px / Math.max(this.#width, this.#height);
    const scale = Math.min(Math.max(this.scale * factor, least), kLargestPixel_px);
    this.x = about.x - ((about.x - this.x) * scale) / this.scale;
    this.y = about.y - ((about.y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.#fitted = false;
    this.#place();
  }

  key(event) {
    if (event.key === '+' || event.key === '=') this.zoom(1.25);
    else if (event.key === '-') this.zoom(0.8);
    else if (event.key === '0') this.fit();
    else return false;
    return true;
  }

  onStage(event) {
    const frame = this.root.getBoundingClientRect();
    return { x: event.clientX - frame.left - this.root.clientLeft, y: event.clientY - frame.top - this.root.clientTop };
  }

  inImage(event) {
    const at = this.onStage(event);
    return { x: (at.x - this.x) / this.scale, y: (at.y - this.y) / this.scale };
  }

  #place() {
    const style = this.#holder.style;
    style.left = `${this.x}px`;
    style.top = `${this.y}px`;
    style.width = `${this.#width * this.scale}px`;
    style.height = `${this.#height * this.scale}px`;
    this.#holder.classList.toggle('pixels', this.scale > kFitEnlarges + 1);
    this.onZoom(this.scale);
    this.onChange();
  }

  #wheel(event) {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 32 : 1;
    this.zoom(Math.exp(-event.deltaY * lines * kWheel), this.onStage(event));
  }

  #press(event) {
    const pans = event.button === 1 || (event.button === 0 && this.#held);
    if (!pans && event.button !== 0) return;
    this.root.focus({ preventScroll: true });
    event.preventDefault();
    const drag = (pans ? null : this.onPress(event)) ?? this.#pan(event);
    const pointer = event.pointerId;
    this.root.setPointerCapture(pointer);
    const move = (next) => { if (next.pointerId === pointer) drag.move(next); };
    const end = (last) => {
      if (last.pointerId !== pointer) return;
      this.root.removeEventListener('pointermove', move);
      this.root.removeEventListener('pointerup', end);
      this.root.removeEventListener('pointercancel', end);
      drag.end(last);
    };
    this.root.addEventListener('pointermove', move);
    this.root.addEventListener('pointerup', end);
    this.root.addEventListener('pointercancel', end);
  }

  #pan(start) {
    const from = { x: this.x, y: this.y };
    this.root.classList.add('panning');
    return {
      move: (event) => {
        this.x = from.x + event.clientX - start.clientX;
        this.y = from.y + event.clientY - start.clientY;
        this.#fitted = false;
        this.#place();
      },
      end: () => this.root.classList.remove('panning'),
    };
  }
}
