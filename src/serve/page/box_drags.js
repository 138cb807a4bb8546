import { kHandles } from './box_overlay.js';

const kReach_px = 9;      // around a handle
const kStart_px = 4;      // a shorter drag is a click
const kThinnest = 2;      // side of a box in pixels of the image
const kNewest_px = 5;     // side of a new box on the screen

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

// The handle of `at` (a box on the stage) that the pointer is on, as [horizontal, vertical], each
// -1 for the left or upper side, 1 for the other, 0 for none; null when it is on none.
export function handleAt(at, point) {
  for (const [, across, down] of kHandles) {
    const near = Math.abs(point.x - (at.x + across * at.width)) <= kReach_px &&
      Math.abs(point.y - (at.y + down * at.height)) <= kReach_px;
    if (near) return [2 * across - 1, 2 * down - 1];
  }
  return null;
}

// Smallest box around a point of the image, or null.
export function boxAt(boxes, point, slack) {
  let best = null;
  boxes.forEach(({ bbox: [x, y, width, height] }, at) => {
    const inside = point.x >= x - slack && point.x <= x + width + slack &&
      point.y >= y - slack && point.y <= y + height + slack;
    if (!inside) return;
    if (best === null || width * height < boxes[best].bbox[2] * boxes[best].bbox[3]) best = at;
  });
  return best;
}

export function moved([x, y, width, height], by, size) {
  return [clamp(x + by.x, 0, Math.max(size.width - width, 0)), clamp(y + by.y, 0, Math.max(size.height - height, 0)), width, height];
}

function resized([x, y, width, height], [across, down], by, size) {
  let [left, top, right, bottom] = [x, y, x + width, y + height];
  if (across < 0) left = clamp(left + by.x, 0, right - kThinnest);
  if (across > 0) right = clamp(right + by.x, left + kThinnest, size.width);
  if (down < 0) top = clamp(top + by.y, 0, bottom - kThinnest);
  if (down > 0) bottom = clamp(bottom + by.y, top + kThinnest, size.height);
  return [left, top, right - left, bottom - top];
}

function between(one, other, size) {
  const [left, right] = [one.x, other.x].map((x) => clamp(x, 0, size.width)).sort((a, b) => a - b);
  const [top, bottom] = [one.y, other.y].map((y) => clamp(y, 0, size.height)).sort((a, b) => a - b);
  return [left, top, right - left, bottom - top];
}

// A drag that changes a box. `begin` is called once it is more than a click, `change` with each new
// place of the box, `finish` at its end with whether it was a drag.
function drag(stage, event, { begin, change, finish }) {
  const from = stage.inImage(event);
  let begun = false;
  return {
    move(next) {
      if (!begun && Math.hypot(next.clientX - event.clientX, next.clientY - event.clientY) < kStart_px) return;
      if (!begun) begin();
      begun = true;
      const to = stage.inImage(next);
      change({ from, to, by: { x: to.x - from.x, y: to.y - from.y } });
    },
    end(last) { finish(begun && last.type !== 'pointercancel'); },
  };
}

// `editor` has boxes, remember(), redraw(), changed(place).
export function moveDrag(stage, event, editor, place) {
  const bbox = editor.boxes[place].bbox;
  return drag(stage, event, {
    begin: () => editor.remember(),
    change: ({ by }) => editor.put(place, moved(bbox, by, stage.sizeOfImage())),
    finish: () => editor.settle(),
  });
}

export function resizeDrag(stage, event, editor, place, handle) {
  const bbox = editor.boxes[place].bbox;
  return drag(stage, event, {
    begin: () => editor.remember(),
    change: ({ by }) => editor.put(place, resized(bbox, handle, by, stage.sizeOfImage())),
    finish: () => editor.settle(),
  });
}

// A click draws nothing but takes the selection away.
export function newDrag(stage, event, editor) {
  let place = null;
  return drag(stage, event, {
    begin: () => {
      editor.remember();
      place = editor.add();
    },
    change: ({ from, to }) => editor.put(place, between(from, to, stage.sizeOfImage())),
    finish: (drawn) => {
      if (place === null) return editor.select(null);
      const [, , width, height] = editor.boxes[place].bbox;
      const tiny = Math.min(width, height) * stage.scale < kNewest_px || Math.min(width, height) < kThinnest;
      if (!drawn || tiny) editor.undoEdit();
      editor.settle();
    },
  });
}
