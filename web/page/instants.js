// What happened, as a list of text: the same instants as in the figure, and more.

import { h, fill } from 'zksim/svg';
import { state, on } from 'zksim/state';
import { onResult, run } from 'zksim/run';
import { asking, pick } from 'zksim/stage';
import { hueOf, railInstants } from 'zksim/labels';
import { seconds, secondsUnit, capital, tie } from 'zksim/words';
import { ruleLink, linked } from 'zksim/rules';
import { scenarios } from 'zksim/scenarios';

const list = document.getElementById('events');
const box = document.getElementById('instants');

function show() {
  if (!run.result) return;
  const p = run.result.picture;
  const hidden = asking();
  const shown = (i) => !hidden || i.what === 'fault' || i.what === 'heal' || i.at_ns < p.origin_ns;
  const numbers = new Map(railInstants(p).filter((i) => shown(i) && i.at_ns >= p.from_ns && i.at_ns <= p.to_ns).sort((a, b) => a.at_ns - b.at_ns).map((i, n) => [i.record, n + 1]));
  // What the scenario is about tells the end of the story, so it comes after the guess.
  const known = state.yaml ? null : scenarios.find((q) => q.name === state.scenario);
  fill(document.getElementById('about'), hidden || state.lesson ? [] : [p.title && h('b', {}, p.title.replace(/[.]?$/, '.'), ' '), known?.summary ? linked(tie(known.summary)) : '']);
  const { remarks, limits, records_total: total } = run.result;
  fill(
    document.getElementById('notes'),
    hidden ? [] : [...(remarks ?? []).map((r) => `${r}${/[.!?]$/.test(r) ? '' : '.'} `), p.stopped ? `The run ended early: ${p.stopped}. ` : '', p.cut?.length ? `Too many to show: ${p.cut.join(', ')}. ` : '', total > limits?.records ? `The run has ${total} records; the first ${limits.records} are here. ` : ''].map((w) => tie(capital(w))),
  );
  fill(
    list,
    (p.instants ?? [])
      .filter(shown)
      .map((i) =>
        h(
          'li',
          {},
          h('span', { class: `dot k-${hueOf(i)}`, 'aria-hidden': 'true' }, numbers.get(i.record) ?? ''),
          h('b', {}, secondsUnit(i.at_ns - p.origin_ns)),
          h('button', { type: 'button', 'aria-label': `${seconds(i.at_ns - p.origin_ns)} seconds: ${i.words}. Why?`, click: () => pick(i) }, capital(tie(i.words))),
          i.rule && ruleLink(i.rule),
        ),
      ),
    hidden ? [] : (p.brackets ?? []).map((b) => h('li', {}, h('span', { class: `dot k-${b.role}`, 'aria-hidden': 'true' }), h('b', {}, secondsUnit(b.length_ns)), h('span', {}, tie(b.words)))),
  );
}

// On a phone the figure has numbers where the words do not fit: the list is open there.
if (matchMedia('(max-width: 759px)').matches) box.open = true;

onResult(show);
on('ask guess lesson', show);
