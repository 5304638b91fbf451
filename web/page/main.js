// The page, put together.
//
// How the modules hang together. state.js is what the reader chose (and the link);
// run.js asks the engine for that run (engine.js) and tells everybody about the
// result. A part of the page is one module: it finds its element, listens to
// onResult(...) and on('names of the state', ...), and changes the state with
// change({...}); parts do not call each other to redraw.
//
//   state -> run -> engine         what is asked
//   stage -> figure -> lanes,      what is drawn: figure.js makes one stack of lanes
//     labels, brackets, axis,      from one picture, stage.js shows it and lets others
//     bars, svg, words             draw over it (overlay)
//   drag, predict, play, card      what the pointer does on the stage
//   numbers, instants, why, rules  what is said about it
//   scenarios, parameters, editor  what is changed
//   shake, libraries, fork         other runs beside it
//   lessons, export, keys, trouble the rest
//
// No module computes anything of the protocol: instants come from the engine.

import { on, open, foreign, state, change, link } from 'zksim/state';
import { recompute, redraw, run } from 'zksim/run';
import { frozen } from 'zksim/engine';
import { complain, calm } from 'zksim/trouble';
import { fill } from 'zksim/svg';
import { patterns } from 'zksim/bars';
import { load } from 'zksim/scenarios';
import { cards } from 'zksim/card';
import 'zksim/numbers';
import 'zksim/stage';
import 'zksim/drag';
import 'zksim/parameters';
import 'zksim/predict';
import 'zksim/play';
import 'zksim/instants';
import 'zksim/why';
import 'zksim/rules';
import 'zksim/keys';
import 'zksim/shake';
import 'zksim/libraries';
import 'zksim/fork';
import 'zksim/lessons';
import 'zksim/editor';
import 'zksim/export';

fill(document.getElementById('defs'), patterns());
cards(document.getElementById('stage'));
document.getElementById('skip').addEventListener('click', (e) => {
  e.preventDefault();
  document.getElementById('stage').focus();
});

// Views: the play page stays as it is while a lesson or a rule is read.
const nav = document.getElementById('nav');
nav.addEventListener('click', (e) => {
  const a = e.target.closest('[data-view]');
  if (!a) return;
  e.preventDefault();
  change({ view: a.dataset.view });
  scrollTo(0, 0);
});
function showView() {
  document.getElementById('view-play').hidden = state.view !== 'play';
  for (const a of nav.children) a.toggleAttribute('aria-current', a.dataset.view === state.view);
}
on('view', showView);

// The link.
const field = document.getElementById('link');
const home = document.querySelector('meta[name=zksim-from]')?.content; // where an exported file comes from
const address = async () => (home ?? location.href.replace(/#.*$/, '')) + (await link());
for (const b of document.querySelectorAll('[data-copy]'))
  b.addEventListener('click', async () => {
    field.value = await address();
    const words = b.textContent;
    try {
      await navigator.clipboard.writeText(field.value);
      b.textContent = 'Copied';
    } catch {
      field.select();
      b.textContent = document.execCommand('copy') ? 'Copied' : 'Press Ctrl C';
    }
    setTimeout(() => (b.textContent = words), 1400);
  });
on('scenario yaml set add seed run client at guess ask why view rule lesson fork', async () => (field.value = await address()));

/** Opens a link. A broken one says so, and the page goes on with what it had. */
async function follow(hash) {
  try {
    await open(hash);
    calm('link');
  } catch (e) {
    complain(e, 'This link cannot be read:', 'link');
  }
}
addEventListener('hashchange', async (e) => {
  const { hash } = new URL(e.newURL);
  if (await foreign(hash)) follow(hash);
  else calm('link'); // back from a broken one to what is shown
});

const carried = document.querySelector('meta[name=zksim-link]')?.content; // of an exported file
document.body.classList.toggle('frozen', frozen);
if (location.hash.length > 1) await follow(location.hash);
else if (carried) await follow(carried);
else change({ ask: true }); // whoever comes for the first time predicts first
await Promise.resolve();
showView();
field.value = await address();
if (!frozen) load().then(redraw);
if (!run.started) recompute();
