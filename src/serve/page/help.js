import { byId, element } from './element.js';

const kEverywhere = [
  ['z, Ctrl+Z', 'Take back the last change, then the last answer'],
  ['s', 'Skip this image'],
  ['+ - 0, wheel', 'Zoom in, out, the whole picture'],
  ['?', 'These keys'],
];
const kGrid = [
  ['g', 'To the grid, and back'],
  ['Click, or arrows and x', 'Mark a draft as wrong'],
  ['Enter', 'Accept all but the marked, which come next'],
  ['Space', 'Look at a picture closely'],
  ['[ ]', 'Class before, class after'],
];

function table(title, keys) {
  return element('section', {}, element('h3', {}, title), element('dl', {}, ...keys.flatMap(([key, what]) =>
    [element('dt', {}, ...key.split(', ').flatMap((one, at) => [at ? ', ' : null, element('kbd', {}, one)])), element('dd', {}, what)])));
}

export function showHelp(panelKeys, session) {
  const pans = session.task === 'detect' ? 'Drag with the space bar held, or the middle button' : 'Drag the picture';
  byId('help').replaceChildren(
    table('One image', panelKeys),
    table('Everywhere', [...kEverywhere, [pans, 'Move the picture']]),
    ...(session.grid ? [table('Grid', kGrid)] : []));
  byId('help-dialog').showModal();
}
