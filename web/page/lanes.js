// The lanes, always in this order: fault, client process, library's belief, server,
// leader's tracker, other clients. Each lane says how high it is, what it is called
// and how it is drawn from the engine's picture. Nothing is computed here but where
// a mark goes.

import { s, text, path, width, round } from 'zksim/svg';
import { bar, inside, cross, arrow } from 'zksim/bars';
import { brief, capital, secondsUnit } from 'zksim/words';

const known = { data: {} };
const record = (id) => (id ? { data: { record: id } } : known);

/** Rows of faults, so that two at a time are both seen. */
export function faultRows(picture) {
  const rows = [];
  for (const f of picture.faults ?? []) {
    let n = rows.findIndex((r) => r.every((q) => f.from_ns >= q.to_ns || f.to_ns <= q.from_ns));
    if (n < 0) n = rows.push([]) - 1;
    if (n > 3) n = 3;
    (rows[n] ??= []).push(f);
  }
  return rows;
}

export const FAULT = 30;

// The look of each state that the engine names; see sim.Picture.
const looks = {
  process: { running: 'grey', deaf: 'still', paused: 'still', dead: 'over' },
  belief: { connected: 'client', disconnected: 'unsure', gap: 'gap', expired: 'over', closed: 'over', dead: 'over', left: 'over' },
  attached: { attached: 'grey', 'half-open': 'still' },
  tracker: { alive: 'cluster', orphan: 'orphan', nobody: 'still', closing: 'closing', ended: null, closed: null },
  others: { there: 'cluster', gone: null, taken: 'grey', nobody: 'still' },
};

function serverTitle(p) {
  const names = [...new Set((p.attached ?? []).filter((b) => b.server).map((b) => b.server))];
  return names.length === 1 ? capital(names[0].replace(/ ?(\d+)$/, ' $1')) : 'Server';
}

// Instants that are said beside the bar that they end, with their rule.
const noted = new Set(['marked', 'committed', 'gone', 'vain']);

const wordings = (b) => [b.words, ...(b.short ?? [])];

/** Draws the bars of a lane with their words on top of them. */
function row(c, lane, y, height, { weight = 600 } = {}) {
  const under = [], over = [];
  for (const b of c.p[lane] ?? []) {
    const look = b.state in looks[lane] ? looks[lane][b.state] : 'grey';
    if (look) {
      under.push(bar(c.x, b.from_ns, b.to_ns, y, height, look, record(b.record)));
      over.push(inside(c.x, b.from_ns, b.to_ns, y + height / 2 + 4.5, wordings(b), look, { weight }));
      continue;
    }
    if (c.p.instants?.some((i) => i.at_ns === b.from_ns && noted.has(i.what) && i.lane === lane)) continue;
    // What is no more has no bar, only words.
    const seen = c.x.clip(b.from_ns, b.to_ns);
    const room = seen && c.x(seen[1]) - c.x(seen[0]) - 10;
    const words = seen && wordings(b).find((w) => width(w, 12.5, 500) < room);
    if (words) over.push(text(c.x(seen[0]) + 8, y + height / 2 + 4.5, words, { class: lane === 'tracker' ? 'small cu halo' : 'small halo', 'font-weight': 500, ...record(b.record) }));
  }
  return [under, over];
}

/** Says an instant beside the bar that it ends: what, when, by which rule. */
function notes(c, which, words, y, cls, weight) {
  return (c.p.instants ?? []).filter(which).map((i) => {
    if (i.at_ns < c.x.from || i.at_ns > c.x.to) return null;
    const at = c.x(i.at_ns) + 8, room = c.x.right - at;
    const when = secondsUnit(i.at_ns - c.p.origin_ns);
    const bare = words ?? i.words;
    const long = words ? `${bare} ${when}` : `${bare} since ${when}`;
    const said = [[long, true], [long, false], [bare, false]].find(([w, rule]) => width(w, 12.5, weight) + (rule ? 40 : 6) < room);
    return said && text(at, y, [said[0], said[1] && !c.narrow && i.rule ? s('tspan', { class: 'rule', dx: 7, 'font-weight': 400 }, i.rule) : ''], { class: `small halo ${cls}`, 'font-weight': weight, ...record(i.record) });
  });
}

const process = {
  key: 'process',
  height: 40,
  title: () => 'Client process',
  draw: (c) => row(c, 'process', c.y + 10, 20, { weight: 500 }),
};

const belief = {
  key: 'belief',
  height: 74,
  title: () => 'Library’s belief',
  sub: () => 'what it tells the application',
  bottom: (c) => c.y + 36,
  draw(c) {
    const y = c.y + 10;
    const out = [row(c, 'belief', y, 26)];
    const ya = y + 26 + 13;
    let named = 0;
    const lines = (c.p.instants ?? []).filter((i) => i.what === 'marked' || i.what === 'expired').map((i) => c.x(i.at_ns));
    for (const a of c.p.attempts ?? []) {
      const seen = c.x.clip(a.from_ns, Math.max(a.to_ns, a.from_ns + 1));
      if (!seen) continue;
      const [p0, p1] = seen.map(c.x);
      const hue = a.outcome === 'expired' ? 'var(--gap)' : 'var(--client)';
      const good = ['connected', 'expired', 'open'].includes(a.outcome);
      const g = s('g', { class: 'attempt', ...record(a.record) });
      if (p1 - p0 > 2) g.append(path(`M${round(p0)} ${ya - 4}v8m0-4H${round(p1)}`, { stroke: hue, 'stroke-width': 1.4 }));
      if (a.to_ns <= c.x.to) g.append(good ? s('circle', { cx: round(p1), cy: ya, r: 3.4, fill: a.outcome === 'expired' ? 'var(--bg)' : hue, stroke: hue, 'stroke-width': 1.6 }) : cross(p1, ya, hue));
      const words = [named ? a.server : `tries ${a.server}`, a.server, String(a.server).replace(/^server\s*/, '')];
      // Under the attempt, on the side of a line through the lanes that has more room.
      let [q0, q1] = [p0, p1];
      for (const at of lines) if (at > q0 && at < q1) at - q0 > q1 - at ? (q1 = at) : (q0 = at);
      const fits = words.find((w) => width(w, 11.5) < q1 - q0 - 6);
      if (fits && !c.narrow) {
        g.append(text((q0 + q1) / 2, ya + 16, fits, { 'text-anchor': 'middle', class: 'm tiny' }));
        named++;
      }
      out.push(g);
    }
    return out;
  },
};

const server = {
  key: 'attached',
  height: 48,
  title: serverTitle,
  sub: (p) => (p.attached?.[0]?.role && serverTitle(p) !== 'Server' ? `${p.attached[0].role}, client attached` : 'the one it is attached to'),
  draw: (c) => row(c, 'attached', c.y + 14, 19, { weight: 450 }),
};

const tracker = {
  key: 'tracker',
  height: 96,
  title: () => 'Leader’s tracker',
  sub: () => 'ticks are bucket edges',
  draw(c) {
    const { x, p } = c;
    const yd = c.y + 58, ye = c.y + 85;
    const out = [row(c, 'tracker', c.y + 10, 24)];
    out.push(path(`M${x.left} ${ye}H${round(c.end)}`, { stroke: 'var(--cluster)', 'stroke-opacity': 0.6 }));
    const counts = (p.touches ?? []).find((t) => t.use === 'counts' || t.use === 'saved');
    for (const e of p.edges_ns ?? []) {
      if (e < x.from || e > x.to) continue;
      const due = counts && Math.abs(e - counts.deadline_ns) < 1e6;
      out.push(path(`M${round(x(e))} ${ye}v${due ? -12 : -7}`, { stroke: 'var(--cluster)', 'stroke-width': due ? 2 : 1.2 }));
    }
    for (const t of p.touches ?? []) {
      if (t === counts || t.at_ns < x.from || t.at_ns > x.to) continue;
      out.push(s('circle', { cx: round(x(t.at_ns)), cy: yd, r: 2.2, fill: 'var(--bg)', stroke: 'var(--cluster)', 'stroke-width': 1.2, ...record(t.record) }));
    }
    if (counts) out.push(this.deadline(c, counts, yd, ye));
    const note = (what, words, y) => notes(c, (i) => i.what === what && i.lane === 'tracker', words, y, 'cu', 650);
    out.push(note('marked', 'marked', c.y + 19), note('committed', 'committed', c.y + 35), note('vain', 'marked in vain', c.y + 35));
    return out;
  },
  /** The formula, drawn: last touch, a line for the timeout, a dotted line to the edge. */
  deadline({ x }, t, yd, ye) {
    const T = t.timeout_ns, sum = t.sum_ns, edge = t.deadline_ns;
    const hue = 'var(--cluster)';
    const g = s('g', { class: 'deadline', ...record(t.record) });
    const lines = s('g', {});
    const seen = x.clip(t.at_ns, sum);
    if (t.at_ns >= x.from && t.at_ns <= x.to) lines.append(s('circle', { cx: round(x(t.at_ns)), cy: yd, r: 3.8, fill: hue }));
    if (seen) lines.append(path(`M${round(x(seen[0]))} ${yd}H${round(x(seen[1]))}${sum <= x.to ? 'm0-4v8' : ''}`, { stroke: hue, 'stroke-width': 1.6 }));
    const rest = x.clip(sum, edge);
    if (rest) lines.append(path(`M${round(x(rest[0]))} ${yd}H${round(x(rest[1]))}`, { stroke: hue, 'stroke-width': 1.6, 'stroke-dasharray': '3 3' }));
    if (edge <= x.to && edge >= x.from) lines.append(path(`M${round(x(edge))} ${yd}V${ye}`, { stroke: hue, 'stroke-width': 1.6 }));
    g.append(lines);
    const label = inside(x, t.at_ns, sum, yd + 4.5, [`last touch + ${brief(T)} timeout`, `touch + ${brief(T)}`], 'cluster', { weight: 500, plate: 'var(--bg)' });
    if (label) g.append(label);
    const beyond = x.clip(t.deadline_ns, t.deadline_ns + 1);
    if (beyond) {
      const at = x(t.deadline_ns) + 8, room = x.right - at;
      const slack = `+ ${secondsUnit(t.deadline_ns - t.sum_ns)}`;
      const words = [`${slack} to the next edge`, `${slack} to an edge`].find((w) => width(w, 12, 500) + 34 < room);
      if (words) g.append(text(at, yd + 4.5, [words, s('tspan', { class: 'rule', dx: 7 }, 'T-3')], { class: 'cu halo', 'font-size': 12, 'font-weight': 500 }));
    }
    return g;
  },
};

const others = {
  key: 'others',
  height: 44,
  title: () => 'Other clients',
  sub: () => 'watch the session’s node',
  draw: (c) => [row(c, 'others', c.y + 11, 22, { weight: 500 }), notes(c, (i) => i.what === 'gone' && !(c.p.others ?? []).some((b) => b.state === 'taken' && b.from_ns >= i.at_ns && c.x(b.from_ns) < c.x(i.at_ns) + 200), null, c.y + 26.5, '', 500)],
};

/** The lanes below the faults. */
export const lanes = [process, belief, server, tracker, others];

/** Draws the faults; handles are put over them by drag.js. */
export function drawFaults(p, x, y) {
  const out = [];
  faultRows(p).forEach((faults, n) => {
    for (const f of faults) {
      const at = y + n * FAULT + 3;
      if (f.done || f.to_ns <= f.from_ns) {
        if (f.from_ns >= x.from && f.from_ns <= x.to) {
          out.push(path(`M${round(x(f.from_ns))} ${at}v22`, { stroke: 'var(--fault)', 'stroke-width': 3, ...record(f.record) }));
          out.push(text(x(f.from_ns) + 8, at + 15.5, wordings(f).find((w) => width(w, 12.5, 500) < x.right - x(f.from_ns) - 10) ?? '', { class: 'small halo', 'font-weight': 500 }));
        }
        continue;
      }
      out.push(bar(x, f.from_ns, f.to_ns, at, 22, 'fault', record(f.record)));
      out.push(inside(x, f.from_ns, f.to_ns, at + 15.5, wordings(f), 'fault', { weight: 500 }));
    }
  });
  return out;
}

/** Whether the client believes in a session that the cluster has ended when it sends this. */
const wrong = (p, m) => (p.belief ?? []).some((b) => b.state === 'gap' && m.sent_ns >= b.from_ns && m.sent_ns < b.to_ns);

/** Messages between two lanes: arrows, or a line that ends in a cross. */
export function drawMessages(p, x, edge) {
  const g = s('g', { class: 'messages' });
  for (const m of p.messages ?? []) {
    if (m.sent_ns < x.from || m.sent_ns > x.to) continue;
    const hue = m.from === 'tracker' || m.to === 'tracker' ? 'var(--cluster)' : wrong(p, m) ? 'var(--gap)' : 'var(--client)';
    const y1 = edge(m.from, m.to), y2 = edge(m.to, m.from);
    if (y1 == null || y2 == null) continue;
    const aside = m.kind === 'ping_reply' || m.kind === 'reply' || m.kind === 'report' ? 4 : 0; // beside what it answers, which comes a pixel earlier
    const x1 = x(m.sent_ns) + aside;
    const a = { class: 'message', ...record(m.record) };
    if (m.lost) {
      const way = y2 > y1 ? 1 : -1;
      g.append(s('g', a, path(`M${round(x1)} ${y1}v${9 * way}`, { stroke: hue, 'stroke-width': 1.3 }), cross(x1, y1 + 13 * way, hue)));
    } else g.append(s('g', a, arrow(x1, y1, x(m.arrived_ns) + aside, y2, hue)));
  }
  return g;
}

