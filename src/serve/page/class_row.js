import { element } from './element.js';
import { counted, percent } from './figures.js';

export function searchRow(number, search) {
  return element('button', { type: 'button', class: 'row search', onclick: search },
    element('kbd', {}, '/'), element('span', { class: 'name' }, `Search ${counted(number, 'class', 'classes')}`));
}

// A class to choose: its key, its name, and a bar as long as its score. `pressed` is null where
// choosing it is the answer, else whether it is chosen.
export function classRow({ key, name, score, pressed = null, colour = null, note = '', choose }) {
  const row = element('button', {
    type: 'button', class: 'row', onclick: choose, 'aria-pressed': pressed === null ? null : String(pressed),
  });
  row.append(element('kbd', key === null ? { class: 'none', 'aria-hidden': 'true' } : {}, key ?? ''));
  if (colour) {
    const swatch = element('i', { class: 'swatch' });
    swatch.style.background = colour;
    row.append(swatch);
  }
  row.append(element('span', { class: 'name', title: name }, name));
  if (score !== undefined && score !== null) {
    const bar = element('i', { class: 'bar' });
    bar.style.width = `${100 * score}%`;
    row.append(element('span', { class: 'score' }, percent(score)), bar);
  } else if (note !== '') {
    row.append(element('span', { class: 'score' }, note));
  }
  return row;
}
