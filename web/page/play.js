// Playing the run: scrub, step from instant to instant, play at a speed. With
// reduced motion, Play goes from instant to instant.

import { h, fill } from 'zksim/svg';
import { on } from 'zksim/state';
import { onResult, run } from 'zksim/run';
import { asking, cursor, moveTo, view } from 'zksim/stage';
import { seconds, secondsUnit } from 'zksim/words';
import { markedAt } from 'zksim/numbers';

const box = document.getElementById('play');
const told = document.getElementById('told');

const scrub = h('input', { type: 'range', 'aria-label': 'Time', step: 'any', input: () => (stop(), moveTo(Number(scrub.value))) });
const now = h('output', {});
const playing = h('button', { class: 'btn', type: 'button', id: 'play-button', 'aria-label': 'Play', click: () => toggle() }, 'Play');
const speed = h('select', { 'aria-label': 'Speed' }, [0.5, 1, 3, 10].map((v) => h('option', { value: v, selected: v === 3 }, `${v}×`)));
fill(
  box,
  h('button', { class: 'btn', type: 'button', id: 'step-back', 'aria-label': 'Previous instant', click: () => step(-1) }, '◂'),
  playing,
  h('button', { class: 'btn', type: 'button', id: 'step-on', 'aria-label': 'Next instant', click: () => step(1) }, '▸'),
  scrub,
  now,
  speed,
  h('button', { class: 'btn wide', type: 'button', id: 'fork-button' }, 'Fork from here'),
);

/** Moves to the next or the previous instant of the story. */
export function step(way) {
  if (!run.result || asking()) return;
  stop();
  const p = run.result.picture;
  const at = cursor();
  const times = [...new Set(p.instants.map((i) => i.at_ns))];
  const next = way > 0 ? times.find((t) => t > at + 5e5) : times.findLast((t) => t < at - 5e5);
  if (next != null) moveTo(next);
}

let frame = 0;
export function stop() {
  cancelAnimationFrame(frame);
  frame = 0;
  playing.textContent = 'Play';
  playing.setAttribute('aria-label', 'Play');
}

/** Plays from the cursor, or stops. */
export function toggle() {
  if (!run.result || asking()) return;
  if (frame) return stop();
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return step(1);
  playing.textContent = 'Stop';
  playing.setAttribute('aria-label', 'Stop');
  const p = run.result.picture;
  if (cursor() >= p.to_ns - 1e6) moveTo(p.from_ns);
  let before = performance.now(), at = cursor();
  const on = (time) => {
    at += (time - before) * 1e6 * Number(speed.value);
    before = time;
    if (at >= p.to_ns) {
      moveTo(p.to_ns);
      return stop();
    }
    moveTo(at);
    frame = requestAnimationFrame(on);
  };
  frame = requestAnimationFrame(on);
}

const holding = (bars, at) => bars?.find((b) => at >= b.from_ns && at < b.to_ns) ?? bars?.at(-1);
const beliefs = { connected: 'Connected', disconnected: 'Disconnected', expired: 'Expired', closed: 'that its handle is closed' };

/** Both beliefs at an instant, in one sentence. */
function sentence(p, at) {
  const b = holding(p.belief, at), t = holding(p.tracker, at);
  if (!b || !t) return [];
  const state = b.state === 'gap' ? b.told : b.state;
  const marked = markedAt(p);
  let cluster = 'the cluster holds the session';
  if (marked && at >= marked.at_ns) cluster = `the cluster ended the session ${secondsUnit(at - marked.at_ns)} ago`;
  else if (t.state === 'nobody') cluster = 'nobody keeps watch over the session';
  else if (t.state === 'closed') cluster = 'the session is closed';
  const client =
    state === 'dead' || b.state === 'dead' ? [h('b', {}, 'the client’s process is dead')] : beliefs[state] ? ['the application has been told ', h('b', {}, beliefs[state])] : [h('b', {}, b.words)];
  return [`At ${secondsUnit(at - p.origin_ns)} `, client, '; ', h('b', {}, cluster), '.'];
}

function show() {
  if (!run.result) return;
  const hidden = asking();
  box.hidden = told.hidden = hidden;
  if (hidden) return;
  const p = run.result.picture, at = cursor();
  const range = view.range ?? p;
  scrub.min = range.from ?? p.from_ns;
  scrub.max = range.to ?? p.to_ns;
  scrub.value = at;
  scrub.setAttribute('aria-valuetext', `${seconds(at - p.origin_ns)} seconds`);
  now.textContent = secondsUnit(at - p.origin_ns);
  fill(told, sentence(p, at));
}

onResult(show);
on('at ask guess', show);
on('scenario yaml set seed run view', stop);
