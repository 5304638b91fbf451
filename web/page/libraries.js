// The same fault under other client libraries. The cluster decides alike for all of
// them; what differs is when each one tells its application.

import { h, s, fill, path, text, width, round } from 'zksim/svg';
import { latest, frozen } from 'zksim/engine';
import { state, on, request, change } from 'zksim/state';
import { onResult, run } from 'zksim/run';
import { view, asking } from 'zksim/stage';
import { bar } from 'zksim/bars';
import { makeScale } from 'zksim/axis';
import { ms, milliseconds, secondsUnit } from 'zksim/words';

const section = document.getElementById('libraries');
const sub = h('p', { class: 'sub' });
const plot = h('div', { id: 'libraries-plot' });
const refused = h('p', { class: 'fine' });
fill(section, h('h2', { id: 'libraries-title' }, 'The same fault, other clients'), sub, plot, refused);

const ask = latest('libraries');
let answer = null, about = '', whose = '', timer = 0;

function later() {
  clearTimeout(timer);
  if (asking()) {
    section.hidden = true;
    return;
  }
  if (run.dragging) return section.classList.add('stale');
  draw();
  timer = setTimeout(async () => {
    const asked = request();
    const key = JSON.stringify(asked);
    if (key === about) return;
    try {
      const a = await ask(asked);
      if (!a || key !== JSON.stringify(request())) return;
      answer = a.libraries ?? a;
      about = key;
      whose = state.yaml || state.scenario;
    } catch {
      answer = null;
    }
    draw();
  }, 350);
}

// How long after the cluster it is told: the difference of the two as they are printed, in ms.
const lag = (r) => (r.learned_ns == null || r.marked_ns == null ? null : ms(r.learned_ns) - ms(r.marked_ns));

function see(l) {
  change({ yaml: l.yaml, set: {}, add: [], seed: run.result.seed, at: null, guess: null, ask: false, why: 0, fork: null });
  document.getElementById('stage').scrollIntoView({ block: 'center' });
}

function draw() {
  const rows = (answer ?? []).filter((l) => !l.why_not && (l.marked_ns != null || l.learned_ns != null || l.disconnected_ns != null));
  const now = JSON.stringify(request());
  section.classList.toggle('stale', now !== about); // until the answer for what is shown now is here
  section.hidden = rows.length < 2 || !view.figure || whose !== (state.yaml || state.scenario);
  if (section.hidden) return;
  const p = run.result.picture;
  const { width: W, narrow } = view.figure;
  const marks = [...new Set(rows.map((r) => r.marked_ns))];
  const one = marks.length === 1 && marks[0] != null;
  fill(sub, one ? `The cluster ends the session at ${secondsUnit(marks[0])} for all of them. What differs is when each one tells its application.` : 'Each one pings, gives up and reconnects in its own way.');
  const ends = rows.flatMap((r) => [r.marked_ns, r.learned_ns, r.disconnected_ns]).filter((v) => v != null);
  const end = Math.min(Math.max(...ends) * 1.03, Math.max(...rows.map((r) => r.end_ns)));
  const gutter = narrow ? 0 : Math.min(Math.max(...rows.map((r) => width(r.title, 14, 650))) + 18, W * 0.36), right = narrow ? 0 : 150, H = narrow ? 50 : 34, y0 = 26;
  const x = makeScale({ from: Math.min(0, p.from_ns - p.origin_ns) / 4, to: end, left: gutter, right: W - right - 4 });
  const lg = [
    ['client', 'connected'],
    ['unsure', 'disconnected'],
    ['gap', narrow ? 'gap' : 'gap: over, not yet told'],
    ['orphan', narrow ? 'orphan' : 'orphan: gave up, cluster still holds it'],
  ];
  const yb = y0 + rows.length * H + 4;
  let ly = yb + 12, lx = 0;
  const legend = lg.map(([look, words]) => {
    if (lx + 30 + width(words, 12.5) > W) (lx = 0), (ly += 24);
    const at = lx;
    lx += 28 + width(words, 12.5) + (narrow ? 16 : 26);
    return { look, words, x: at, y: ly };
  });
  const height = ly + 24;
  const spoken = (r) => `${r.title}: ${r.learned_ns == null ? (r.marked_ns == null ? 'the session lives' : 'never told in this run') : `told ${milliseconds(Math.abs(lag(r) ?? 0))} seconds ${(lag(r) ?? 0) >= 0 ? 'after' : 'before'} the cluster`}`;
  const out = s('svg', { class: 'fig', viewBox: `0 0 ${W} ${height}`, height, role: 'group', 'aria-label': rows.map(spoken).join('. ') });
  if (one) out.append(path(`M${round(x(marks[0]))} 20V${yb}`, { stroke: 'var(--cluster)', 'stroke-width': 1.6 }));
  rows.forEach((r, i) => {
    const y = y0 + i * H + (narrow ? 18 : 0), b = 18;
    const told = r.learned_ns ?? Infinity, marked = r.marked_ns ?? Infinity, dis = Math.min(r.disconnected_ns ?? Infinity, told, x.to);
    const still = r.mine || frozen; // no other run to go to
    const g = s('g', { class: r.mine ? 'lib mine' : still ? 'lib' : 'lib key', tabindex: still ? null : '0', role: still ? null : 'button', 'aria-label': still ? null : `${spoken(r)}. See this run.`, click: still ? null : () => see(r) });
    g.append(s('rect', { class: 'ring', x: 0, y: y - (narrow ? 17 : 6), width: W, height: H - 2, rx: 4 }));
    g.append(narrow ? text(0, y - 5, r.title, { 'font-weight': 600 }) : text(0, y + 14, r.title, { 'font-weight': r.mine ? 650 : 500, 'font-size': 14 }));
    const connected = Math.min(dis, marked);
    for (const piece of [
      bar(x, x.from, connected, y, b, 'client'),
      dis > marked && bar(x, marked, Math.min(dis, told), y, b, 'gap'),
      dis < marked && bar(x, dis, Math.min(told, marked), y, b, 'unsure'),
      told > marked && dis < Infinity && bar(x, Math.max(marked, dis === Infinity ? marked : Math.min(Math.max(dis, marked), x.to)), Math.min(told, x.to), y, b, 'gap'),
      told < marked && bar(x, told, Math.min(marked, x.to), y, b, 'orphan'),
    ])
      if (piece) g.append(piece);
    const gap = lag(r);
    const words = gap == null ? (r.marked_ns == null ? 'lives on' : 'never told') : `${gap >= 0 ? '+' : ''}${milliseconds(gap)}\u00a0s`;
    const cls = r.marked_ns == null ? 'm' : gap == null || gap >= 0 ? 'ga' : 'cu';
    g.append(
      narrow
        ? text(W, y - 5, words, { class: cls, 'text-anchor': 'end', 'font-weight': 650 })
        : text(W - right + 14, y + 14, [words, r.rule ? s('tspan', { class: 'rule', dx: 8, 'font-weight': 400 }, r.rule) : ''], { class: cls, 'font-weight': 650 }),
    );
    g.append(s('title', {}, `${r.title}: ${r.how ?? ''}`));
    out.append(g);
  });
  if (one) out.append(text(x(marks[0]) + 6, 14, 'cluster ends it', { class: 'cu small', 'font-weight': 600 }));
  if (!narrow) out.append(text(W - right + 14, 14, 'told after the cluster', { class: 'm tiny' }));
  for (const l of legend) {
    const swatch = makeScale({ from: 0, to: 1, left: l.x, right: l.x + 20 });
    out.append(bar(swatch, 0, 1, l.y, 12, l.look), text(l.x + 27, l.y + 10.5, l.words, { class: 'm small' }));
  }
  fill(plot, out);
  const not = (answer ?? []).filter((l) => l.why_not);
  fill(refused, not.length ? `Not here: ${not.map((l) => `${l.title} (${l.why_not})`).join('; ')}.` : '');
}

onResult(later);
on('ask guess', later);
