// What went wrong, said once and clearly on top of the page, which stays usable.

import { h, fill } from 'zksim/svg';

const box = document.getElementById('trouble');
const said = new Map(); // source -> {heading, message}

/** Shows an error. A later one of the same source takes its place. */
export function complain(error, heading, source = 'page') {
  const told = error.line && new RegExp(`^line ${error.line}\\b`).test(error.message);
  const place = told ? '' : error.line ? `Line ${error.line}${error.column ? `, column ${error.column}` : ''}: ` : '';
  said.set(source, { heading, message: place + (error.message || String(error)), error });
  show();
  for (const l of listeners) l(source, error);
}

/** Takes back what this source complained about. */
export function calm(source) {
  if (!said.delete(source)) return;
  show();
  for (const l of listeners) l(source, null);
}

const listeners = [];

/** Calls back with the source and the error, or null when it is over. */
export const onTrouble = (callback) => listeners.push(callback);

function show() {
  box.hidden = said.size === 0;
  fill(
    box,
    h('p', {}, [...said.values()].map(({ heading, message }) => h('span', {}, h('b', {}, heading), ' ', message, ' '))),
    h('button', { class: 'btn tiny', type: 'button', click: () => (said.clear(), show()) }, 'Dismiss'),
  );
}
