// Fork from here: one change at the cursor, and both futures on one axis. Chance is
// drawn by address, so the two share their past to the last record; the engine
// compares the records and says until when.

import { h, s, fill, path, text, round } from 'zksim/svg';
import { call } from 'zksim/engine';
import { state, on, request, change } from 'zksim/state';
import { onResult, run, redraw } from 'zksim/run';
import { asking, cursor, overlay, view, moveTo } from 'zksim/stage';
import { draw } from 'zksim/figure';
import { markedAt, learnedAt } from 'zksim/numbers';
import { ms, milliseconds, secondsUnit, brief, tie, readSeconds } from 'zksim/words';
import { complain, calm } from 'zksim/trouble';

const box = document.getElementById('fork');

/** What can be changed at an instant of this run: {kind, words, lasts, of(at, value)}. */
function choices(at) {
  const { parameters: q, picture: p } = run.result;
  const c = q.client;
  const now = `${at}ms`;
  const list = [];
  for (const f of q.faults) {
    const [from, length] = [f.at_ns, f.for_ns];
    if (!f.ends || from == null || from >= at * 1e6) continue;
    if (length != null && from + length <= at * 1e6) continue;
    list.push({ kind: `end${f.index}`, words: f.kind === 'pause' ? 'The process goes on now' : f.kind === 'partition' ? 'The network heals now' : `The ${f.kind} ends now`, set: () => ({ [`faults.${f.index}.for`]: `${at - ms(from)}ms` }) });
  }
  const server = [...(p.attached ?? [])].reverse().find((b) => b.from_ns <= at * 1e6 && b.server && b.to_ns > at * 1e6)?.server.replace(' ', '');
  if (c) {
    list.push({ kind: 'cut', words: 'The client is cut off', lasts: true, add: (v) => `{partition: {between: ${c}, and: servers}, at: ${now}, for: ${v}}` });
    list.push({ kind: 'pause', words: 'The client’s process stands still', lasts: true, add: (v) => `{pause: ${c}, at: ${now}, for: ${v}}` });
    list.push({ kind: 'kill', words: 'The client’s process is killed', add: () => `{kill: ${c}, at: ${now}}` });
    list.push({ kind: 'lose', words: 'The client’s host vanishes', add: () => `{lose: ${c}, at: ${now}}` });
    list.push({ kind: 'close', words: 'The client closes its session', set: () => ({ [`clients.${c}.close`]: now }) });
  }
  if (server && p.servers > 1 && server !== `server${q.leader}`) list.push({ kind: 'part', words: 'Its server is cut off from the leader', lasts: true, add: (v) => `{partition: {between: ${server}, and: leader}, at: ${now}, for: ${v}}` });
  if (server) list.push({ kind: 'down', words: 'Its server is killed', add: () => `{kill: ${server}, at: ${now}}` });
  if (p.servers > 1) list.push({ kind: 'leader', words: 'The leader is killed', add: () => `{kill: leader, at: ${now}}` });
  return list;
}

/** The request of the other future, or null when the fork makes no sense here. */
function forked() {
  const { at, kind, value } = state.fork;
  const c = choices(at).find((q) => q.kind === kind);
  if (!c) return null;
  const set = { ...state.set, ...(c.set?.() ?? {}) };
  const add = c.add ? [...state.add, c.add(value || '5s')] : state.add;
  return { words: c.words, set, add };
}

let other = null; // {picture, same, words, about}
let asked = ''; // the question that the engine has now
let refused = ''; // the one that it refused, which is not asked again

function open() {
  if (!run.result || asking()) return;
  const at = ms(cursor());
  const first = choices(at)[0];
  if (!first) return;
  change({ fork: { at, kind: first.kind, value: first.lasts ? standing() : '' } });
  box.scrollIntoView({ block: 'nearest' });
}

// How long a new fault lasts unless the reader says otherwise: as long as the timeout.
const standing = () => `${ms(run.result.picture.timeout_ns)}ms`;

async function update() {
  if (!state.fork || !run.result || asking()) {
    close();
    return;
  }
  if (run.dragging) return;
  const f = forked();
  if (!f) return close();
  const base = request();
  const question = { ...base, set: Object.entries(f.set).map(([k, v]) => `${k}=${v}`), add: f.add, records: true, fork_of: base };
  const about = JSON.stringify(question);
  if (other?.about === about || refused === about) return show();
  if (asked === about) return;
  asked = about;
  try {
    const a = await call('run', question);
    if (asked === about) asked = '';
    if (!state.fork || JSON.stringify(forked()?.set) !== JSON.stringify(f.set)) return;
    view.also = { from: a.picture.from_ns, to: a.picture.to_ns };
    other = { picture: a.picture, same: a.same_until_ns, words: f.words, about, set: f.set, add: f.add, records: a.records };
    refused = '';
    calm('fork');
  } catch (e) {
    const latest = asked === about; // no other was asked meanwhile
    if (latest) asked = '';
    if (!latest || !state.fork) return;
    complain(e, 'This fork cannot be played.', 'fork');
    other = view.also = null;
    refused = about; // drawing again would ask it for ever
  }
  redraw();
}

function close() {
  const was = other;
  other = null;
  refused = '';
  calm('fork');
  view.also = null;
  fill(box);
  if (was) redraw();
}

const outcome = (p) => {
  const m = markedAt(p), l = learnedAt(p);
  if (!m) return 'the session lives';
  return `the cluster ends it at ${secondsUnit(m.at_ns - run.result.picture.origin_ns)}, the client ${l ? `learns it at ${secondsUnit(l.at_ns - run.result.picture.origin_ns)}` : 'is not told in this run'}`;
};

function show() {
  if (!state.fork || !run.result || asking()) return;
  const p = run.result.picture;
  const { at, kind, value } = state.fork;
  const list = choices(at);
  const chosen = list.find((c) => c.kind === kind);
  const put = (patch) => change({ fork: { ...state.fork, ...patch } });
  const length = h('input', { class: 'short', 'aria-label': 'For how long, in seconds', value: brief(readSeconds((value || standing()).replace('ms', ' ms')) ?? 5e9), change: () => {
    const ns = readSeconds(length.value);
    length.setCustomValidity(ns ? '' : 'Write seconds, as in 5 s');
    if (ns) put({ value: `${ms(ns)}ms` });
    else length.reportValidity();
  } });
  const controls = h(
    'div',
    { class: 'fork-head' },
    h('h2', {}, `Fork at ${milliseconds(at - ms(p.origin_ns))}\u00a0s`),
    h('select', { id: 'fork-kind', 'aria-label': 'What is different from here on', change: (e) => put({ kind: e.target.value, value: list.find((c) => c.kind === e.target.value).lasts ? value || standing() : '' }) }, list.map((c) => h('option', { value: c.kind, selected: c.kind === kind }, c.words))),
    chosen?.lasts && ['for ', length],
    h('span', { class: 'sp' }),
    other && h('button', { class: 'btn', type: 'button', id: 'fork-keep', click: () => change({ set: other.set, add: other.add, fork: null, guess: null }) }, 'Go on with this one'),
    h('button', { class: 'btn', type: 'button', id: 'fork-close', click: () => change({ fork: null }) }, 'Close'),
  );
  if (!other) return fill(box, controls);
  const figure = draw(other.picture, { width: view.figure.width, from: view.range.from, to: view.range.to, origin: p.origin_ns, pick: (i) => moveTo(i.at_ns) });
  split(figure, 'from here on, the fork');
  figure.svg.classList.add('other');
  for (const e of figure.svg.querySelectorAll('[data-record]')) delete e.dataset.record; // records of another run
  const common = other.same >= at * 1e6 - 1;
  fill(
    box,
    controls,
    h(
      'p',
      { class: 'sub', 'aria-live': 'polite', id: 'fork-words' },
      tie(`As it was: ${outcome(p)}. In the fork: ${outcome(other.picture)}.`),
      ' ',
      h('span', { class: 'same' }, common ? tie(`Until ${secondsUnit(Math.min(other.same, p.end_ns) - p.origin_ns)} the two are the same, record by record.`) : tie(`The two already differ at ${secondsUnit(other.same - p.origin_ns)}.`)),
    ),
    figure.svg,
  );
}

/** The line at which the two futures part. */
function split(figure, words) {
  const { x, yFault, yEnd, narrow } = figure;
  const ns = state.fork.at * 1e6;
  if (ns < x.from || ns > x.to) return;
  const px = round(x(ns));
  const left = px > (x.left + x.right) / 2;
  figure.svg.insertBefore(
    s('g', { class: 'split', 'aria-hidden': 'true' }, path(`M${px} ${yFault - 8}V${yEnd + 6}`, { stroke: 'var(--ink)', 'stroke-width': 1.4, 'stroke-dasharray': '6 3' }), !narrow && text(px + (left ? -7 : 7), yEnd + 14, words, { class: 'tiny halo', 'font-weight': 600, 'text-anchor': left ? 'end' : null })),
    figure.words,
  );
}

// The old future at half strength, right of the line.
overlay((figure) => {
  figure.svg.classList.toggle('old', Boolean(state.fork && other));
  if (!state.fork || !other) return;
  const { x, yTop, yFault, yAxis } = figure;
  const px = Math.max(x(state.fork.at * 1e6), x.left);
  if (px < x.right) figure.svg.append(s('rect', { x: round(px), y: Math.min(yFault, yTop) - 4, width: round(x.right + 2 - px), height: yAxis - 10 - Math.min(yFault, yTop), fill: 'var(--bg)', opacity: 0.5, class: 'veil', 'pointer-events': 'none' }));
  split(figure, 'as it was');
});

document.getElementById('play').addEventListener('click', (e) => e.target.closest('#fork-button') && (state.fork ? change({ fork: null }) : open()));
onResult(() => (update(), other && show()));
on('fork ask guess', update);
