// One stack: the rail, the faults, the lanes, the brackets and the axis of one
// picture, as one SVG element. The page draws one; a fork draws two on one scale.

import { s, text, path, round, width as measure } from 'zksim/svg';
import { makeScale, drawAxis } from 'zksim/axis';
import { lanes, faultRows, drawFaults, drawMessages, FAULT } from 'zksim/lanes';
import { drawRail, railHeight, railInstants } from 'zksim/labels';
import { rowsOf, bracketsHeight, drawBrackets } from 'zksim/brackets';
import { seconds } from 'zksim/words';

export const NARROW = 760; // px; below it names stand above the lanes

/** A picture that ends at an instant: what comes later is not in it at all. */
export function until(p, ns) {
  const cutBars = (bars) =>
    (bars ?? []).filter((b) => b.from_ns < ns).map((b) => (b.to_ns > ns ? { ...b, to_ns: ns, words: '', short: [] } : b));
  const before = (list, at) => (list ?? []).filter((e) => e[at] <= ns);
  return {
    ...p,
    process: cutBars(p.process),
    belief: cutBars(p.belief),
    attached: cutBars(p.attached),
    tracker: cutBars(p.tracker),
    others: cutBars(p.others),
    attempts: [],
    touches: before(p.touches, 'at_ns').map((t) => ({ ...t, use: '' })),
    edges_ns: (p.edges_ns ?? []).filter((e) => e <= ns),
    brackets: [],
    messages: before(p.messages, 'sent_ns').filter((m) => m.sent_ns < ns && (m.lost || m.arrived_ns <= ns)),
    instants: (p.instants ?? []).filter((i) => i.what === 'fault' || i.what === 'heal' || i.at_ns < ns),
  };
}

const says = (p) =>
  railInstants(p)
    .map((i) => `At ${seconds(i.at)} seconds ${i.words}.`)
    .join(' ') || 'Nothing happens to the session.';

const spoken = (bars, p) =>
  (bars ?? [])
    .filter((b) => b.words || b.state)
    .map((b) => `${b.words || b.state} from ${seconds(b.from_ns - p.origin_ns)} to ${seconds(b.to_ns - p.origin_ns)}`)
    .join('; ');

/**
 * Draws a picture.
 *   width   in pixels; from, to: the part of time that is shown
 *   origin  the instant that the axis calls 0 (the picture's own, unless two share a scale)
 *   rail, brackets, axis  which parts are wanted
 *   pick    what is done with an instant that is chosen
 *   veil    an instant: all that is right of it stays empty
 */
export function draw(p, { width, from = p.from_ns, to = p.to_ns, origin = p.origin_ns, rail = true, brackets = true, axis = true, titles = true, pick = () => {}, veil = null, caption = '' }) {
  const narrow = width < NARROW;
  const words = p.faults?.length ? 'seconds, first fault at 0' : 'seconds';
  // Names stand left of the lanes, in whatever font there is.
  const gutter = narrow ? 0 : Math.ceil(Math.max(152, measure(words, 12.5) + 10, ...lanes.map((l) => Math.max(measure(l.title(p), 14, 600), measure(l.sub?.(p) ?? '', 11.5)) + 12)));
  const x = makeScale({ from, to, left: gutter, right: width - 4 });
  const lead = narrow ? 21 : 0;
  const instants = railInstants(p).filter((i) => i.at_ns >= from && i.at_ns <= to).sort((a, b) => a.at_ns - b.at_ns);

  // Heights first.
  let y = rail ? railHeight(instants, x, narrow) : caption ? 30 : 8;
  const rows = faultRows(p);
  const yFault = y;
  y += rows.length * FAULT + (rows.length ? 8 : 0);
  const place = {};
  for (const lane of lanes) {
    place[lane.key] = { y: y + lead, height: lane.height };
    y += lane.height + lead;
  }
  const yEnd = y;
  const bracketRows = brackets ? rowsOf(p.brackets ?? [], x) : [];
  const yAxis = yEnd + bracketsHeight(bracketRows) + (bracketRows.length ? 22 : 12);
  const height = axis ? yAxis + (narrow ? 46 : 30) : yEnd + 6;

  const out = s('svg', { class: 'fig', viewBox: `0 0 ${width} ${height}`, height, role: 'group', 'aria-label': says(p) });
  const first = place.process.y - lead;

  // Shades: under a fault, and where the two beliefs differ.
  for (const f of p.faults ?? []) {
    const seen = x.clip(f.from_ns, veil == null ? f.to_ns : Math.min(f.to_ns, veil));
    if (seen && f.to_ns > f.from_ns)
      out.append(s('rect', { x: round(x(seen[0])), y: first, width: round(x(seen[1]) - x(seen[0])), height: place.belief.y + place.belief.height - first, fill: 'var(--fault-tint)' }));
  }
  for (const b of p.brackets ?? []) {
    const seen = b.kind === 'knowledge_gap' && x.clip(b.from_ns, b.to_ns);
    if (seen)
      out.append(
        s('rect', { x: round(x(seen[0])), y: place.belief.y - lead, width: round(x(seen[1]) - x(seen[0])), height: place.tracker.y + place.tracker.height - place.belief.y + lead, fill: 'var(--gap-tint)', opacity: 0.75 }),
      );
  }

  const end = veil == null ? x.right : x(veil);
  if (axis) out.append(drawAxis(x, { y: yAxis, top: first, origin, narrow, words: narrow ? 'seconds' : words }));

  // Names and hairlines. On a narrow page the names are drawn last, over the lines.
  const names = s('g', { 'aria-hidden': 'true' });
  const name = (lane, at) => {
    const sub = lane.sub?.(p);
    if (narrow) return names.append(text(0, at - 6, [s('tspan', { 'font-weight': 600 }, lane.title(p)), lane.key === 'attached' && sub ? s('tspan', { class: 'm', dx: 6 }, sub) : ''], { class: 'halo' }));
    names.append(text(0, at + lane.height / 2 + (sub ? -2 : 5), lane.title(p), { 'font-weight': 600, 'font-size': 14 }));
    if (sub) names.append(text(0, at + lane.height / 2 + 15, sub, { class: 'm tiny' }));
  };
  if (titles && rows.length && !narrow) names.append(text(0, yFault + 18, rows.length > 1 ? 'Faults' : 'Fault', { 'font-weight': 600, 'font-size': 14 }));
  for (const lane of lanes) {
    out.append(path(`M0 ${place[lane.key].y - lead}H${veil == null ? width : round(end)}`, { stroke: 'var(--hair)' }));
    name(lane, place[lane.key].y);
  }
  if (veil == null) out.append(path(`M0 ${yEnd}H${width}`, { stroke: 'var(--hair)' }));
  if (!narrow) out.append(names);

  // The lines of key instants run behind the bars.
  const bottomOf = (i) =>
    i.what === 'marked' ? yEnd : i.what === 'expired' ? place.attached.y + 33 : i.lane === 'fault' ? yFault : (place[i.lane]?.y ?? place.belief.y) + 10;
  const railParts = rail ? drawRail(instants, x, { y: yFault, narrow, pick, bottom: bottomOf }) : null;
  if (railParts) out.append(railParts.lines);

  const c = { p, x, narrow, end };
  out.append(s('g', { class: 'faults', role: 'img', 'aria-label': `Faults: ${spoken(p.faults, p) || 'none'}` }, drawFaults(p, x, yFault)));
  const edge = (lane, toward) => {
    const order = ['process', 'belief', 'attached', 'tracker', 'others'];
    const l = place[lane];
    if (!l) return null;
    const down = order.indexOf(toward) > order.indexOf(lane);
    const bars = { process: [10, 30], belief: [10, 36], attached: [14, 33], tracker: [10, 34], others: [11, 33] }[lane];
    return l.y + bars[down ? 1 : 0];
  };
  out.append(drawMessages(p, x, edge));
  const bars = { process: p.process, belief: p.belief, attached: p.attached, tracker: p.tracker, others: p.others };
  for (const lane of lanes) {
    const g = s('g', { class: `lane lane-${lane.key}`, role: 'img', 'aria-label': `${lane.title(p)}: ${spoken(bars[lane.key], p) || 'nothing'}` });
    for (const e of [lane.draw({ ...c, y: place[lane.key].y })].flat(9)) if (e) g.append(e);
    out.append(g);
  }
  if (narrow) out.append(names);
  out.append(drawBrackets(bracketRows, yEnd, pick));
  if (railParts) out.append(railParts.keys);

  // Words stand in front of whatever lines are drawn over the lanes later.
  const front = s('g', { class: 'words', 'aria-hidden': 'true' }, [...out.querySelectorAll('.lane .inside, .lane .halo, .faults .inside, .faults .halo')]);
  out.append(front);

  return { svg: out, words: front, x, narrow, width, height, yFault, faultRows: rows, yTop: first, yEnd, yAxis, place, instants };
}
