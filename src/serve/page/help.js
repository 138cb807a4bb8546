import { byId, element } from './element.js';

// What holds a space is words, the rest are keys.
const kEverywhere = [
  [['z', 'Ctrl+Z'], 'Take back the last change, then the last answer or page'],
  [['s'], 'Skip this image'],
  [['+', '-', 'turn the wheel'], 'Zoom'],
  [['0'], 'The whole picture'],
  [['?'], 'These keys'],
];
const kGrid = [
  [['g'], 'To the grid, and back'],
  [['x', 'click a picture'], 'Mark a draft as wrong'],
  [['Enter'], 'Accept all but the marked, which come next'],
  [['\u2190', '\u2191', '\u2192', '\u2193'], 'Another picture'],
  [['Space'], 'Look at it closely'],
  [['[', ']'], 'Class before, class after'],
];

function table(title, keys) {
  const shown = (key) => (key.includes(' ') ? element('span', {}, key) : element('kbd', {}, key));
  return element('section', {}, element('h3', {}, title), element('dl', {}, ...keys.flatMap(([names, what]) =>
    [element('dt', {}, ...names.map(shown)), element('dd', {}, what)])));
}

export function showHelp(panelKeys, session) {
  const pans = session.task === 'detect' ? ['drag with Space held, or with the middle button'] : ['drag the picture'];
  byId('help').replaceChildren(
    table('One image', panelKeys),
    table('Everywhere', [...kEverywhere, [pans, 'Move the picture']]),
    ...(session.grid ? [table('Grid', kGrid)] : []));
  byId('help-dialog').showModal();
}
