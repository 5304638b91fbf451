// The keyboard: what each key does, in one table that is also what the page says.

import { h, fill } from 'zksim/svg';
import { state } from 'zksim/state';
import { toggle, step } from 'zksim/play';
import { explainNearest } from 'zksim/stage';
import { frozen } from 'zksim/engine';

// What is not on the page, as in an exported file, cannot be pressed.
const press = (id) => () => {
  const button = document.getElementById(id);
  if (button?.getClientRects().length) button.click();
};

const keys = [
  { key: ' ', shown: ['Space'], words: 'play, stop', does: toggle },
  { key: 'ArrowRight', shown: ['←', '→'], words: 'previous, next instant', does: () => step(1) },
  { key: 'ArrowLeft', does: () => step(-1) },
  { shown: ['Tab'], words: 'to a handle, then', changes: true },
  { shown: ['←', '→'], words: '0.1 s; with Shift 1 s, with Alt 1 ms', changes: true },
  { key: 'w', shown: ['W'], words: 'why this instant', does: why },
  { key: 's', shown: ['S'], words: 'shake', changes: true, does: press('shake-button') },
  { key: 'f', shown: ['F'], words: 'fork from here', changes: true, does: press('fork-button') },
  { key: '?', does: () => document.getElementById('keys').scrollIntoView() },
];

// Why: the instant nearest before the cursor becomes the subject of the panel.
function why() {
  explainNearest();
  const panel = document.getElementById('why');
  panel.scrollIntoView({ block: 'nearest' });
  panel.querySelector('h2').focus({ preventScroll: true });
}

fill(
  document.getElementById('keys'),
  h('h2', {}, 'Keys'),
  h(
    'div',
    { class: 'keys' },
    keys.filter((k) => k.shown && !(frozen && k.changes)).map((k) => h('div', {}, k.shown.map((name) => h('kbd', {}, name)), h('span', {}, k.words))),
  ),
);

addEventListener('keydown', (e) => {
  if (state.view !== 'play' || e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented) return;
  if (e.target.closest('input,select,textarea,dialog')) return;
  if (e.key === ' ' && e.target.closest('button,a,summary,[role=button]')) return;
  const k = keys.find((q) => q.key && q.key === (e.key.length === 1 ? e.key.toLowerCase() : e.key));
  if (!k) return;
  e.preventDefault();
  k.does();
});
