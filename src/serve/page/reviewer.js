import { byId, element } from './element.js';

const kKey = 'preannotate.reviewer';
const kLongest = 100;  // bytes

function complaint(name) {
  if (!name) return 'A name is needed.';
  if (/\p{C}/u.test(name)) return 'A name has no control characters.';
  return new TextEncoder().encode(name).length > kLongest ? 'A shorter name, please.' : '';
}

function kept() {
  try {
    const name = localStorage.getItem(kKey) ?? '';
    return complaint(name) ? '' : name;
  } catch {
    return '';
  }
}

function keep(name) {
  try {
    localStorage.setItem(kKey, name);
  } catch {
    // It is asked again the next time.
  }
}

// Who answers: as the browser remembers, as the program was told, or asked.
export async function reviewerName(session) {
  const name = kept() || session.reviewer;
  return name || ask(session, '');
}

// Answers so far stay with the old name; what was leased to it is given back in time.
export async function changeName(session) {
  await ask(session, kept() || session.reviewer, true);
  location.reload();
}

function ask(session, before, cancels = false) {
  const dialog = byId('name-dialog'), input = byId('name');
  input.value = before;
  byId('known-names').replaceChildren(...session.reviewers.map((name) =>
    element('button', { type: 'button', onclick: () => { input.value = name; byId('name-form').requestSubmit(); } }, name)));
  dialog.oncancel = (event) => { if (!cancels) event.preventDefault(); };
  dialog.showModal();
  input.select();
  input.oninput = () => input.setCustomValidity('');
  return new Promise((resolve) => {
    byId('name-form').onsubmit = (event) => {
      const name = input.value.trim();
      input.setCustomValidity(complaint(name));
      if (!input.reportValidity()) return event.preventDefault();
      keep(name);
      resolve(name);
    };
  });
}
