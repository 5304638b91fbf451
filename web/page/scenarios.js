// The choice of the scenario: chips for those that teach most, a list for all.

import { h, fill } from 'zksim/svg';
import { call } from 'zksim/engine';
import { state, on, change } from 'zksim/state';
import { complain, calm } from 'zksim/trouble';

const chips = document.getElementById('chips');
const all = document.getElementById('all');

// Short names for the chips, in the order in which they are told best.
const told = [
  ['faq', 'The FAQ’s story'],
  ['zombie', 'Connected and expired'],
  ['crash', 'Killed process'],
  ['gc-pause', 'Long pause'],
  ['two-owners', 'Two owners'],
  ['revived', 'Leader change'],
  ['heal-in-time', 'Healed in time'],
  ['curator-460', 'What LOST means'],
];

export let scenarios = [];

/** Starts a scenario from its beginning: nothing that was changed stays. */
export function choose(name, more = {}) {
  calm('link');
  change({ scenario: name, yaml: '', set: {}, add: [], seed: '', run: 0, client: '', at: null, guess: null, ask: false, why: 0, fork: null, lesson: '', ...more });
}

function show() {
  const names = new Set(scenarios.map((s) => s.name));
  const short = told.filter(([name]) => !scenarios.length || names.has(name));
  const mine = Boolean(state.yaml);
  fill(
    chips,
    short.map(([name, words]) => {
      const on = !mine && state.scenario === name;
      return h('button', { type: 'button', role: 'radio', 'aria-checked': String(on), tabindex: on || (mine && name === 'faq') ? '0' : '-1', data: { name }, click: () => choose(name) }, words);
    }),
  );
  if (!chips.querySelector('[tabindex="0"]')) chips.firstElementChild?.setAttribute('tabindex', '0');
  const other = mine || !short.some(([name]) => name === state.scenario);
  fill(
    all,
    h('option', { value: '' }, mine ? 'Your own scenario' : 'More …'),
    scenarios.map((s) => h('option', { value: s.name, selected: other && !mine && s.name === state.scenario }, s.title || s.name)),
  );
  all.classList.toggle('chosen', other);
}

chips.addEventListener('keydown', (e) => {
  const way = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[e.key];
  if (!way) return;
  e.preventDefault();
  e.stopPropagation();
  const list = [...chips.children];
  const next = list[(list.indexOf(document.activeElement) + way + list.length) % list.length];
  choose(next.dataset.name);
  requestAnimationFrame(() => chips.querySelector(`[data-name="${next.dataset.name}"]`)?.focus());
});
all.addEventListener('change', () => all.value && choose(all.value));
on('scenario yaml', show);

/** Asks the engine for all scenarios. */
export async function load() {
  show();
  try {
    const answer = await call('scenarios');
    scenarios = answer.scenarios ?? answer;
  } catch (e) {
    complain(e, 'The list of scenarios is missing.', 'scenarios');
  }
  show();
}
