// The time axis: from instants of the run, in ns, to pixels and back.

import { s, text, path, round } from 'zksim/svg';
import { milliseconds } from 'zksim/words';

/** A scale that maps [from, to] ns onto [left, right] pixels. */
export function makeScale({ from, to, left, right }) {
  const k = (right - left) / (to - from || 1);
  const x = (ns) => left + (ns - from) * k;
  x.inverse = (px) => from + (px - left) / k;
  x.from = from;
  x.to = to;
  x.left = left;
  x.right = right;
  x.perPixel = 1 / k;
  /** The part of an interval that is in view, or null. */
  x.clip = (a, b) => (b <= from || a >= to ? null : [Math.max(a, from), Math.min(b, to)]);
  return x;
}

/** Round distances between ticks, in ns, at least gap pixels apart. */
export function tickStep(x, gap) {
  const least = gap * x.perPixel;
  for (let power = 1e6; ; power *= 10) for (const m of [1, 2, 5]) if (m * power >= least) return m * power;
}

/** Draws grid lines from top to y and the axis at y. Zero is the origin. */
export function drawAxis(x, { y, top, origin, narrow, words }) {
  const step = tickStep(x, narrow ? 40 : 46);
  const g = s('g', { class: 'axis', 'aria-hidden': 'true' });
  for (let n = Math.ceil((x.from - origin) / step); origin + n * step <= x.to; n++) {
    const px = round(x(origin + n * step));
    if (top != null) g.append(path(`M${px} ${top}V${y}`, { stroke: 'var(--grid)' }));
    g.append(path(`M${px} ${y}v5`, { stroke: 'var(--muted)' }));
    const label = milliseconds(Math.round((n * step) / 1e6)).replace(/\.?0+$/, '');
    g.append(text(px, y + 20, label || '0', { 'text-anchor': 'middle', class: 'm small' }));
  }
  g.append(path(`M${x.left} ${y}H${x.right}`, { stroke: 'var(--muted)' }));
  if (words) g.append(narrow ? text(x.right, y + 37, words, { class: 'm small', 'text-anchor': 'end' }) : text(0, y + 20, words, { class: 'm small' }));
  return g;
}
