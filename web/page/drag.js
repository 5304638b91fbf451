// Handles at the ends of each fault. Dragging one changes the scenario, and all
// that follows is computed anew on the way; the axis does not move until the
// pointer is lifted.

import { s, path, text, width, round } from 'zksim/svg';
import { state, change } from 'zksim/state';
import { frozen } from 'zksim/engine';
import { run, dragging } from 'zksim/run';
import { overlay, view, asking } from 'zksim/stage';
import { faultRows, FAULT } from 'zksim/lanes';
import { ms, seconds, secondsUnit, duration } from 'zksim/words';

const stage = document.getElementById('stage');
const SHORTEST = 1e6; // ns
let held = null; // {fault, end, offset, at}

/** What the scenario says of the fault behind a bar. Ends that are left to chance cannot be held. */
const inScenario = (f) => run.result.parameters?.faults?.find((q) => q.index === f.index) ?? {};

/** Asks for the run with this end of a fault at another instant. */
function put(fault, end, ns) {
  const most = run.result.picture.end_ns;
  let from = fault.from_ns, to = fault.to_ns;
  const length = to - from;
  if (end === 'from') from = Math.min(Math.max(ns, 0), fault.done ? most : to - SHORTEST);
  else if (end === 'to') to = Math.min(Math.max(ns, from + SHORTEST), most);
  else {
    from = Math.min(Math.max(ns, 0), Math.max(most - length, 0));
    to = from + length;
  }
  from = Math.round(from / 1e6) * 1e6;
  to = Math.round(to / 1e6) * 1e6;
  const set = { ...state.set };
  if (end !== 'to') set[`faults.${fault.index}.at`] = duration(from);
  if (end !== 'both' && !(fault.open && end === 'from') && !fault.done) set[`faults.${fault.index}.for`] = duration(to - from);
  change({ set, guess: null, ask: asking() ? state.ask : false, fork: null });
  return { from, to };
}

const names = { from: 'Start', to: 'End', both: 'Place' };

function grip(figure, p, fault, end, y) {
  const { x } = figure;
  const ns = end === 'from' ? fault.from_ns : fault.to_ns;
  if (ns < x.from || ns > x.to) return null;
  const px = round(x(ns));
  const at = ns - p.origin_ns;
  return s(
    'g',
    {
      class: 'grip',
      tabindex: '0',
      role: 'slider',
      'aria-label': `${names[end]} of the fault: ${fault.words}`,
      'aria-valuemin': ms(-p.origin_ns) / 1000,
      'aria-valuemax': ms(p.end_ns - p.origin_ns) / 1000,
      'aria-valuenow': ms(at) / 1000,
      'aria-valuetext': `${seconds(at)} seconds`,
      data: { grip: `${fault.index}.${end}` },
    },
    s('rect', { class: 'touch', x: px - 22, y: y - 11, width: 44, height: 44, fill: 'transparent' }),
    s('rect', { class: 'ring', x: px - 11, y: y - 6, width: 22, height: 34, rx: 6 }),
    s('rect', { x: px - 5, y: y - 3, width: 10, height: 28, rx: 4, fill: 'var(--bg)', stroke: 'var(--ink)', 'stroke-width': 1.6 }),
    path(`M${px - 1.5} ${y + 6}v10m3-10v10`, { stroke: 'var(--ink)' }),
  );
}

/** Says that the ends can be moved, or where the end is now, where there is room beside the fault's own words. */
function hint(figure, p, f, row, y) {
  const seen = figure.x.clip(f.from_ns, f.to_ns);
  if (!seen || figure.narrow) return;
  const [left, right] = seen.map(figure.x);
  // The rail has not always room for the end of a fault; a reader wants to see what he has chosen.
  const chosen = [`faults.${f.index}.at`, `faults.${f.index}.for`].some((key) => key in state.set) && !figure.svg.querySelector(`.rail [data-at="${f.to_ns}"]`);
  const words = chosen ? `to ${secondsUnit(f.to_ns - p.origin_ns)}` : 'drag either end', w = width(words, 12);
  const inside = (right - left - width(f.words, 13, 500)) / 2 >= w + 44;
  const beside = right + w + 24 < figure.x.right && !row.some((g) => g !== f && figure.x(g.from_ns) < right + w + 44 && figure.x(g.to_ns) > right);
  if (inside)
    figure.svg.append(
      s('g', { class: 'inside', 'aria-hidden': 'true' }, s('rect', { x: round(right - w - 24), y: y + 3.5, width: round(w + 10), height: 15.5, fill: 'var(--fault-fill)' }), text(right - 19, y + 15.5, words, { class: 'm', 'font-size': 12, 'text-anchor': 'end' })),
    );
  else if (chosen && beside) figure.svg.append(text(right + 14, y + 15.5, words, { class: 'm halo', 'font-size': 12, 'aria-hidden': 'true' }));
}

overlay((figure, result) => {
  if (state.lesson && asking()) return; // the question is about this very fault
  const p = result.picture;
  const g = s('g', { class: 'grips' });
  faultRows(p).forEach((faults, n) => {
    const y = figure.yFault + n * FAULT + 3;
    for (const f of faults) {
      const { at_ns, for_ns } = inScenario(f);
      if (!frozen && for_ns != null && !f.done && !f.open) hint(figure, p, f, faults, y);
      g.append(...[at_ns != null && grip(figure, p, f, 'from', y), for_ns != null && !f.done && !f.open && grip(figure, p, f, 'to', y)].filter(Boolean));
    }
  });
  figure.svg.append(g);
});

const faultOf = (name) => run.result.picture.faults.find((f) => String(f.index) === name.split('.')[0]);

stage.addEventListener('pointerdown', (e) => {
  const g = e.target.closest('[data-grip]');
  if (!g || e.button) return;
  const [, end] = g.dataset.grip.split('.');
  const fault = faultOf(g.dataset.grip);
  const px = e.clientX - stage.getBoundingClientRect().left;
  held = { name: g.dataset.grip, end, offset: px - view.figure.x(fault[end + '_ns']) };
  g.focus({ preventScroll: true });
  run.dragging = true;
  stage.setPointerCapture(e.pointerId);
  e.preventDefault();
});
// A fault that is taken in its middle moves as a whole; a click on it stays a click.
stage.addEventListener('pointerdown', (e) => {
  const mark = e.target.closest('.faults [data-record]');
  if (!mark || e.button || asking()) return;
  const fault = run.result.picture.faults.find((f) => f.record === Number(mark.dataset.record));
  if (!fault || inScenario(fault).at_ns == null) return;
  const px = e.clientX - stage.getBoundingClientRect().left;
  held = { name: `${fault.index}.both`, end: 'both', offset: px - view.figure.x(fault.from_ns), from: px, pointer: e.pointerId };
});
stage.addEventListener('pointermove', (e) => {
  if (!held) return;
  if (held.from != null) {
    if (Math.abs(e.clientX - stage.getBoundingClientRect().left - held.from) < 5) return;
    held.from = null;
    run.dragging = true;
    stage.setPointerCapture(held.pointer);
  }
  const fault = faultOf(held.name);
  if (!fault) return;
  put(fault, held.end, view.figure.x.inverse(e.clientX - stage.getBoundingClientRect().left - held.offset));
});
for (const type of ['pointerup', 'pointercancel'])
  stage.addEventListener(type, () => {
    if (!held) return;
    const moved = held.from == null;
    held = null;
    if (moved) dragging(false);
  });

/** Moves a handle by so many ns, for the keyboard. */
stage.addEventListener('keydown', (e) => {
  const g = e.target.closest('[data-grip]');
  const way = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[e.key];
  if (!g || !way) return;
  e.preventDefault();
  e.stopPropagation();
  const [, end] = g.dataset.grip.split('.');
  const fault = faultOf(g.dataset.grip);
  const step = e.shiftKey ? 1e9 : e.altKey ? 1e6 : 1e8;
  put(fault, end, fault[end + '_ns'] + way * step);
});
