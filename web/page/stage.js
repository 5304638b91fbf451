// The stage: the picture of the run, its cursor, and what the pointer does on it.

import { s, path, fill, round, text } from 'zksim/svg';
import { state, on, change } from 'zksim/state';
import { run, onResult, redraw, keepWhy } from 'zksim/run';
import { draw, until } from 'zksim/figure';
import { ms } from 'zksim/words';

const stage = document.getElementById('stage');

/** What is drawn at the moment: the figure's geometry, the range of its axis, and a range that must be on it too. */
export const view = { figure: null, range: null, also: null };

const overlays = [];

/** Who takes a prediction instead of the page itself: a lesson that is being taken. */
export const predictions = { take: null };

/** Adds something that is drawn over each new figure: handles, a guess, a tour's mark. */
export const overlay = (callback) => overlays.push(callback);

/** Whether the reader is to predict first: nothing after the first fault is shown. */
export const asking = () => state.ask && state.guess == null;

/** The cursor as an instant of the run. Without one of the reader's, where it says most. */
export function cursor() {
  const p = run.result.picture;
  if (state.at != null) return p.origin_ns + state.at * 1e6;
  const gap = p.brackets?.find((b) => b.kind === 'knowledge_gap');
  if (gap) return Math.round(gap.from_ns + (gap.to_ns - gap.from_ns) * 0.6);
  const end = p.instants?.at(-1);
  return end ? end.at_ns : p.origin_ns;
}

/** Moves the cursor to an instant of the run. */
export function moveTo(ns) {
  const p = run.result.picture;
  change({ at: ms(Math.min(Math.max(ns, p.from_ns), p.to_ns) - p.origin_ns) });
}

/** Chooses an instant: the cursor goes there, and it is explained. */
export function pick(i) {
  keepWhy(i.what);
  change({ why: i.record, at: ms(i.at_ns - run.result.picture.origin_ns) });
}

/** Explains the last instant up to the cursor. */
export function explainNearest() {
  if (!run.result || asking()) return;
  const list = run.result.picture.instants ?? [];
  const at = cursor() + 5e5;
  const i = list.findLast((q) => q.at_ns <= at && q.record) ?? list.find((q) => q.record);
  if (i) pick(i);
}

function show(result) {
  const p = result.picture;
  if (!run.dragging || !view.range) view.range = { from: Math.min(p.from_ns, view.also?.from ?? Infinity), to: Math.max(p.to_ns, view.also?.to ?? 0) };
  const focused = document.activeElement?.closest?.('#stage [tabindex]')?.dataset ?? {};
  const veil = asking() ? p.origin_ns : null;
  const figure = draw(veil == null ? p : until(p, veil), { width: Math.max(stage.clientWidth, 300), ...view.range, pick, veil });
  view.figure = figure;
  stage.classList.toggle('asking', veil != null);
  if (veil == null) figure.svg.insertBefore(s('g', { class: 'cursor', id: 'cursor', 'aria-hidden': 'true' }, path('', {}), path('', { fill: 'var(--ink)' })), figure.words);
  else {
    const { x, place, narrow } = figure;
    figure.svg.append(
      text((x(veil) + x.right) / 2, place.tracker.y + 40, state.lesson ? 'The rest comes after your answer' : narrow ? 'Click your answer here' : 'Click where you think the cluster ends the session', { 'text-anchor': 'middle', class: 'm', 'font-size': narrow ? 15 : 16 }),
    );
  }
  for (const o of overlays) o(figure, result);
  fill(stage, figure.svg);
  drawCursor();
  if (focused.record || focused.grip) stage.querySelector(focused.grip ? `[data-grip="${focused.grip}"]` : `.key[data-record="${Number(focused.record)}"]`)?.focus({ preventScroll: true });
}

function drawCursor() {
  const g = document.getElementById('cursor');
  if (!g || !run.result || !view.figure) return;
  const { x, yFault, yEnd, yAxis } = view.figure;
  const px = round(Math.min(Math.max(x(cursor()), x.left), x.right));
  g.children[0].setAttribute('d', `M${px} ${yFault}V${yEnd}`);
  g.children[0].setAttribute('stroke', 'var(--ink)');
  g.children[0].setAttribute('stroke-width', 1.2);
  g.children[0].setAttribute('stroke-opacity', 0.55);
  g.children[1].setAttribute('d', `M${px - 6} ${yAxis}l6-8l6 8Z`);
}

onResult(show);
on('ask guess', redraw);
on('at', drawCursor);

// A click in the empty moves the cursor, or is the reader's prediction.
let down = null;
stage.addEventListener('pointerdown', (e) => {
  down = e.target.closest('[data-grip],.key') ? null : { x: e.clientX, y: e.clientY };
});
stage.addEventListener('click', (e) => {
  if (!view.figure || !down || Math.abs(e.clientX - down.x) > 5 || e.target.closest('.key')) return;
  const ns = view.figure.x.inverse(e.clientX - stage.getBoundingClientRect().left);
  if (asking()) {
    const { origin_ns } = run.result.picture;
    if (ns > origin_ns) predictions.take ? predictions.take(ms(ns - origin_ns)) : change({ guess: ms(ns - origin_ns) });
    return;
  }
  const record = Number(e.target.closest('[data-record]')?.dataset.record ?? 0);
  if (record) {
    keepWhy('');
    change({ why: record, at: ms(ns - run.result.picture.origin_ns) });
  } else moveTo(ns);
});

let last = 0;
new ResizeObserver(() => {
  if (stage.clientWidth === last) return;
  last = stage.clientWidth;
  redraw();
}).observe(stage);
