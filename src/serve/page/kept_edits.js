// Changes of boxes that are not answered yet, so that a closed page loses none of them: those of
// one image, the last, in the browser's storage.
const kKey = 'preannotate.edits';

export function keepEdits(session, item, boxes) {
  try {
    localStorage.setItem(kKey, JSON.stringify({ of: place(session, item), boxes }));
  } catch {
    // A full or forbidden storage costs the safety net, not the work.
  }
}

export function keptEdits(session, item) {
  try {
    const kept = JSON.parse(localStorage.getItem(kKey) ?? 'null');
    return kept?.of === place(session, item) && kept.boxes.every((box) => fits(box, session)) ? kept.boxes : null;
  } catch {
    return null;
  }
}

export function forgetEdits() {
  try {
    localStorage.removeItem(kKey);
  } catch {
    // as above
  }
}

// Another program that had this port before may have left anything here.
function fits(box, session) {
  return Number.isInteger(box.category) && box.category >= 0 && box.category < session.categories.length &&
    Array.isArray(box.bbox) && box.bbox.length === 4 && box.bbox.every(Number.isFinite);
}

function place(session, item) {
  return JSON.stringify([session.folder, session.model_version, item.item, item.image]);
}
