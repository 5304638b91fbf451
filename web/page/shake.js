// Shake: the same scenario with hundreds of other phases. One line a run, sorted, so
// that the staircase is the distribution; under it the histogram on the same axis,
// with the law drawn over it. A click on a line shows that run.

import { h, s, fill, path, text, width, round } from 'zksim/svg';
import { call } from 'zksim/engine';
import { state, on, request, change, RUN } from 'zksim/state';
import { onResult, run } from 'zksim/run';
import { view, asking } from 'zksim/stage';
import { markedAt } from 'zksim/numbers';
import { tickStep, makeScale } from 'zksim/axis';
import { brief, count, milliseconds, ms, secondsUnit, tie } from 'zksim/words';
import { linked } from 'zksim/rules';
import { complain, calm } from 'zksim/trouble';

const TARGET = 500, SLICE = 25, LINES = 52;
const section = document.getElementById('shake');
const title = h('h2', { id: 'shake-title' }, `The same fault, ${TARGET} times`);
const sub = h('p', { class: 'sub', 'aria-live': 'polite' });
const button = h('button', { class: 'btn', type: 'button', id: 'shake-button', click: () => (going ? halt() : shake()) }, 'Shake');
const plot = h('div', { id: 'shake-plot' });
fill(section, h('div', { class: 'head' }, h('div', {}, title, sub), button), plot);

let shaken = null; // {about, runs, law, drawn, yaml}
let going = 0;

const about = () => JSON.stringify(request());

function halt() {
  going = 0;
  button.textContent = 'Shake';
}

/** Asks for runs in slices, so that the figure grows. */
export async function shake() {
  if (!run.result || asking()) return;
  const mine = (going = Date.now() % 1e9 || 1);
  const asked = request();
  delete asked.run;
  shaken = { about: about(), runs: [], law: null, drawn: [], yaml: '' };
  button.textContent = 'Stop';
  try {
    for (let from = 1; from <= TARGET && going === mine; from += SLICE) {
      const a = await call('shake', { ...asked, from, count: SLICE });
      if (going !== mine || shaken.about !== about()) break;
      shaken.runs.push(...a.runs);
      Object.assign(shaken, { law: a.law, drawn: a.drawn, yaml: a.yaml });
      draw();
    }
    calm('shake');
  } catch (e) {
    complain(e, 'These runs cannot be played.', 'shake');
  }
  if (going === mine) halt();
}

/** Shows one of the runs: its scenario and its number say all. */
function see(r) {
  const { seed } = run.result;
  change({ yaml: shaken.yaml, set: {}, add: [], seed, run: r.run, at: null, guess: null, ask: false, why: 0, fork: null });
  document.getElementById('stage').scrollIntoView({ block: 'center' });
}

function intro() {
  button.hidden = asking();
  if (asking()) return fill(sub, 'After your guess.');
  if (!shaken?.runs.length) fill(sub, 'One run is an anecdote. Shake it: the fault stays, chance is drawn anew.');
}

function summary(timeout) {
  const n = shaken.runs.length;
  const ended = shaken.runs.filter((r) => r.marked_ns != null);
  const unwarned = ended.filter((r) => r.disconnected_ns == null || r.disconnected_ns > r.marked_ns).length;
  if (!ended.length) return `In none of ${count(n, 'run')} does the cluster end the session.`;
  const share = (k) => `${Math.round((k / n) * 100)} %`;
  const early = ended.filter((r) => r.marked_ns < timeout).length;
  const parts = [`The cluster ends the session in ${ended.length === n ? 'all' : ended.length} of ${n} runs, in ${share(early)} of them before the ${brief(timeout)} timeout has passed since the fault.`];
  if (unwarned) parts.push(`In ${share(unwarned)} the client is still connected when that happens.`);
  return parts.join(' ');
}

function draw() {
  if (!shaken || !run.result || !view.figure) return;
  const p = run.result.picture;
  const { x: stageX, narrow } = view.figure;
  fill(sub, tie(summary(p.timeout_ns)));
  const ended = shaken.runs.filter((r) => r.marked_ns != null).sort((a, b) => a.marked_ns - b.marked_ns);
  if (!ended.length) return fill(plot);
  // The axis is the figure's own, but for what would lie outside of it.
  const last = Math.max(...ended.map((r) => Math.max(r.marked_ns, r.disconnected_ns ?? 0)), shaken.law?.most_ns ?? 0) * 1.02;
  const x = makeScale({ from: stageX.from - p.origin_ns, to: Math.max(stageX.to - p.origin_ns, last), left: stageX.left, right: stageX.right });
  const W = view.figure.width, rowH = 3.3, y0 = 16;
  const every = Math.max(1, ended.length / LINES);
  const rows = Array.from({ length: Math.min(LINES, ended.length) }, (_, i) => ended[Math.floor((i + 0.5) * every)] ?? ended.at(-1));
  const yb = y0 + LINES * rowH;
  const hist = 96, yB = yb + hist + 24, height = yB + 30;
  const out = s('svg', { class: 'fig', viewBox: `0 0 ${W} ${height}`, height, role: 'group', 'aria-label': summary(p.timeout_ns) });

  const lines = s('g', { class: 'ghosts' });
  rows.forEach((r, i) => {
    const y = round(y0 + i * rowH);
    const gap = r.learned_ns != null && r.learned_ns > r.marked_ns;
    const words = `Run ${r.run}: ends at ${milliseconds(ms(r.marked_ns))} s. Click to see it.`;
    const told = r.disconnected_ns;
    lines.append(
      s(
        'g',
        { class: 'ghost', data: { run: r.run }, click: () => see(r) },
        s('title', {}, words),
        path(`M${round(x(0))} ${y}H${round(x(r.marked_ns))}`, { stroke: 'var(--cluster)', 'stroke-width': 1.4, 'stroke-opacity': 0.55 }),
        gap && told != null && told > r.marked_ns && path(`M${round(x(r.marked_ns))} ${y}H${round(x(Math.min(told, x.to)))}`, { stroke: 'var(--gap)', 'stroke-width': 1.4, 'stroke-opacity': 0.7 }),
        told != null && told < x.to && s('rect', { x: round(x(told) - 1.5), y: y - 1.1, width: 3, height: 2.4, fill: 'var(--client)' }),
        s('rect', { x: round(x(0)), y: y - rowH / 2, width: round(Math.max(x(r.marked_ns) - x(0), 2)), height: rowH, fill: 'transparent' }),
      ),
    );
  });
  out.append(lines);

  // This run among them.
  const marked = markedAt(p);
  if (marked) {
    const at = marked.at_ns - p.origin_ns;
    const rank = (ended.filter((r) => r.marked_ns < at).length / ended.length) * rows.length;
    const y = round(y0 + Math.min(rank, rows.length - 1) * rowH);
    out.append(
      path(`M${round(x(0))} ${y}H${round(x(at))}`, { stroke: 'var(--ink)', 'stroke-width': 2 }),
      s('circle', { cx: round(x(at)), cy: y, r: 4, fill: 'var(--ink)' }),
      text(x(at) + 10, y + 4, narrow ? 'this run' : `this run, ${secondsUnit(at)}`, { 'font-weight': 600, class: 'halo' }),
    );
  }

  // The histogram: how many runs a bin, over the runs that ended.
  const lo = Math.min(ended[0].marked_ns, shaken.law?.least_ns ?? Infinity), hi = Math.max(ended.at(-1).marked_ns, shaken.law?.most_ns ?? 0);
  const bin = Math.max(tickStep(x, 5), (hi - lo) / 60) || 1e6;
  const bins = new Map();
  for (const r of ended) {
    const b = Math.floor((r.marked_ns - lo) / bin);
    bins.set(b, (bins.get(b) ?? 0) + 1);
  }
  const density = (n) => n / shaken.runs.length / (bin / 1e9);
  const top = Math.max(...[...bins.values()].map(density), ...(shaken.law?.density ?? [])) * 1.08;
  const Y = (v) => yB - (hist * v) / top;
  for (const [b, n] of bins) {
    const left = x(lo + b * bin), w = x(lo + (b + 1) * bin) - left;
    out.append(s('rect', { x: round(left + 0.5), y: round(Y(density(n))), width: round(Math.max(w - 1, 1)), height: round(yB - Y(density(n))), fill: 'var(--cluster-fill)', stroke: 'var(--cluster)', 'stroke-width': 0.7 }, s('title', {}, `${count(n, 'run')} from ${secondsUnit(lo + b * bin)} to ${secondsUnit(lo + (b + 1) * bin)}`)));
  }
  const law = shaken.law;
  if (law?.x_ns?.length) out.append(path(`M${law.x_ns.map((v, i) => `${round(x(v))} ${round(Y(law.density[i]))}`).join('L')}`, { stroke: 'var(--ink)', 'stroke-width': 1.8 }));

  // The axis, the timeout, the ends.
  const step = tickStep(x, narrow ? 40 : 46);
  out.append(path(`M${x.left} ${yB}H${x.right}`, { stroke: 'var(--muted)' }));
  for (let t = Math.ceil(x.from / step) * step; t <= x.to; t += step) out.append(path(`M${round(x(t))} ${yB}v5`, { stroke: 'var(--muted)' }), text(x(t), yB + 20, brief(t).replace(/\u00a0s$/, ''), { 'text-anchor': 'middle', class: 'm small' }));
  out.append(path(`M${round(x(p.timeout_ns))} ${yb + 8}V${yB}`, { stroke: 'var(--ink)', 'stroke-dasharray': '4 3' }));
  out.append(text(x(p.timeout_ns) + 6, yb + 16, `timeout ${brief(p.timeout_ns)}`, { class: 'small halo' }));
  const least = `${narrow ? '' : 'earliest '}${secondsUnit(law?.least_ns ?? lo)}`, most = `${narrow ? '' : 'latest '}${secondsUnit(law?.most_ns ?? hi)}`;
  if (x(lo) - width(least, 12.5, 600) - 8 > 0) out.append(text(x(lo) - 8, yB - 6, least, { class: 'cu small', 'text-anchor': 'end', 'font-weight': 600 }));
  if (x(hi) + width(most, 12.5, 600) + 8 < W + 40) out.append(text(x(hi) + 8, yB - 6, most, { class: 'cu small', 'font-weight': 600 }));
  if (law?.x_ns?.length && x(hi) + 110 < W + 40) out.append(text(x(hi) + 8, yB - 25, ['line: the law ', s('tspan', { class: 'rule' }, law.rule)], { class: 'small' }));
  if (!narrow)
    out.append(
      text(0, y0 + (LINES * rowH) / 2 - 2, 'One line a run', { 'font-weight': 600, 'font-size': 14 }),
      text(0, y0 + (LINES * rowH) / 2 + 16, 'sorted by expiry', { class: 'm tiny' }),
      text(0, yB - hist / 2 + 2, 'How often', { 'font-weight': 600, 'font-size': 14 }),
      text(0, yB - hist / 2 + 20, count(shaken.runs.length, 'run'), { class: 'm tiny' }),
    );
  const first = rows.find((r) => r.disconnected_ns != null && r.disconnected_ns < r.marked_ns);
  if (first && !narrow && x(first.disconnected_ns) > x(0) + 100) out.append(text(x(first.disconnected_ns) - 8, y0 + 10, 'Disconnected', { class: 'cl small halo', 'text-anchor': 'end', 'font-weight': 600 }));

  fill(
    plot,
    out,
    h('p', { class: 'fine' }, shaken.drawn.length ? `Left to chance: ${shaken.drawn.join('; ')}. ` : '', law?.why_not ? ['No law here (', linked(law.rule), `): ${law.why_not}.`] : '', ' Click a line to see that run.'),
    h('label', { class: 'fine pick-run' }, 'See run ', h('select', { change: (e) => e.target.value && see(shaken.runs.find((r) => r.run === Number(e.target.value))) }, h('option', { value: '' }, 'by number'), rows.map((r) => h('option', { value: r.run }, `${r.run}: ${milliseconds(ms(r.marked_ns))} s`)))),
  );
}

function again() {
  if (shaken && shaken.about !== about() && !(state.run && state.yaml === shaken.yaml)) {
    halt();
    shaken = null;
    fill(plot);
  }
  intro();
  draw();
}

onResult(again);
on(`ask guess ${RUN}`, intro);
