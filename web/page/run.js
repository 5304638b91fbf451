// The run that is shown: asks the engine whenever the state asks for another one,
// with at most one question on its way, and tells the rest of the page.

import { state, on, request, RUN, change } from 'zksim/state';
import { latest } from 'zksim/engine';
import { complain, calm } from 'zksim/trouble';

/** What the engine said last, and whether a fault is being dragged. */
export const run = { result: null, asked: null, started: false, dragging: false };

const listeners = [];

/** Calls back after each new result. */
export const onResult = (callback) => listeners.push(callback);

const FALLBACK = 'faq';
const ask = latest('run');
let whose = ''; // the kind of instant that is being explained, kept from run to run

/** Remembers which kind of instant the reader asked about, so that a drag keeps it. */
export function keepWhy(what) {
  whose = what ?? '';
}

/** Asks for the run again. Resolves when the page shows it. */
export async function recompute() {
  run.started = true;
  const asked = request({ records: !run.dragging });
  document.body.classList.add('busy');
  let result;
  try {
    result = await ask(asked);
  } catch (e) {
    document.body.classList.remove('busy');
    if (run.result) return complain(e, 'This cannot be played.', 'run');
    // A link to what cannot be played: say so, and begin with the story that everybody knows.
    complain(e, 'This link cannot be played:', 'link');
    if (state.scenario !== FALLBACK || state.yaml || Object.keys(state.set).length || state.add.length || state.seed) change({ scenario: FALLBACK, yaml: '', set: {}, add: [], seed: '', run: 0, client: '', at: null, why: 0, fork: null, lesson: '' });
    return;
  }
  if (!result) return; // a later question took its place
  document.body.classList.remove('busy');
  calm('run');
  const before = run.result;
  run.result = result;
  run.asked = asked;
  if (state.why && before && before.digest !== result.digest) {
    const again = whose && result.picture.instants?.find((i) => i.what === whose);
    change({ why: again ? again.record : 0 });
  }
  for (const l of listeners) l(result);
}

on(RUN, recompute);

/** Tells everybody about the present result again, as after a change of width. */
export function redraw() {
  if (run.result) for (const l of listeners) l(run.result);
}

/** Starts and ends a drag: meanwhile the axis stands still and records are not asked for. */
export function dragging(yes) {
  run.dragging = yes;
  if (!yes) recompute();
}
