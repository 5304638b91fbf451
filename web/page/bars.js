// Bars and the small marks of the lanes. Two hues, two sources of knowledge: blue
// is what the client believes, orange what the cluster decided; crimson where they
// disagree, grey for everything else. A hatch or a shape repeats each hue.

import { s, text, path, width, round } from 'zksim/svg';

/** How a state looks: fill, stroke, class of its text, fill behind its text. */
const looks = {
  client: ['var(--client-fill)', 'var(--client)', 'cl', 'var(--client-fill)'],
  unsure: ['url(#unsure)', 'var(--client)', 'cl', 'var(--bg)'],
  gap: ['url(#lie)', 'var(--gap)', 'ga', 'var(--gap-tint)'],
  orphan: ['url(#orphan)', 'var(--cluster)', 'cu', 'var(--bg)'],
  over: ['var(--bg)', 'var(--server)', 'm', 'var(--bg)'],
  cluster: ['var(--cluster-fill)', 'var(--cluster)', 'cu', 'var(--cluster-fill)'],
  closing: ['url(#closing)', 'var(--cluster)', 'cu', 'var(--bg)'],
  grey: ['var(--server-fill)', 'var(--server)', '', 'var(--server-fill)'],
  still: ['url(#still)', 'var(--server)', '', 'var(--bg)'],
  fault: ['url(#faultp)', 'var(--fault)', '', 'var(--fault-fill)'],
};

/** Patterns, once for the page; figures refer to them. */
export function patterns() {
  const pattern = (id, size, turn, ...inside) =>
    s('pattern', { id, width: size, height: size, patternUnits: 'userSpaceOnUse', patternTransform: turn ? `rotate(${turn})` : null }, ...inside);
  const ground = (size, fill) => s('rect', { width: size, height: size, fill });
  const line = (size, stroke, w, o) => s('path', { d: `M0 0V${size}`, stroke, 'stroke-width': w, 'stroke-opacity': o });
  return s(
    'defs',
    { id: 'patterns' },
    pattern('unsure', 7, 45, ground(7, 'var(--bg)'), line(7, 'var(--client)', 1.6, 0.45)),
    pattern('lie', 5, -45, ground(5, 'var(--gap-tint)'), line(5, 'var(--gap)', 2.4, 0.8)),
    pattern('orphan', 6, 0, ground(6, 'var(--bg)'), s('circle', { cx: 3, cy: 3, r: 1.3, fill: 'var(--cluster)' })),
    pattern('closing', 7, 45, ground(7, 'var(--bg)'), line(7, 'var(--cluster)', 1.6, 0.45)),
    pattern('still', 8, 90, ground(8, 'var(--bg)'), line(8, 'var(--server)', 1.6, 0.6)),
    pattern('faultp', 6, 45, ground(6, 'var(--fault-fill)'), line(6, 'var(--fault)', 1, 0.55)),
  );
}

/** A bar from a to b ns with a look, or nothing where it is out of view. */
export function bar(x, a, b, y, height, look, attributes) {
  const seen = x.clip(a, b);
  if (!seen) return null;
  const [fill, stroke] = looks[look] ?? looks.grey;
  const left = x(seen[0]);
  return s('rect', {
    x: round(left),
    y,
    width: round(Math.max(x(seen[1]) - left, 1.5)),
    height,
    rx: 2,
    fill,
    stroke,
    'stroke-width': 1.3,
    'stroke-dasharray': look === 'over' ? '3 3' : null,
    ...attributes,
  });
}

/**
 * Words inside a span, centred on a plate of the bar's colour. The longest of the
 * wordings that fits is used; none, when none fits.
 */
export function inside(x, a, b, y, wordings, look, { weight = 600, size = 13, plate } = {}) {
  const seen = x.clip(a, b);
  if (!seen) return null;
  const [left, right] = seen.map(x);
  const [, , cls, ground] = looks[look] ?? looks.grey;
  for (const words of [wordings].flat()) {
    if (!words) continue;
    const w = width(words, size, weight) + 12;
    if (right - left < w + 4) continue;
    const middle = (left + right) / 2;
    return s(
      'g',
      { class: 'inside' },
      s('rect', { x: round(middle - w / 2), y: y - 12, width: round(w), height: 15.5, fill: plate ?? ground }),
      text(middle, y, words, { 'text-anchor': 'middle', class: cls, 'font-size': size, 'font-weight': weight }),
    );
  }
  return null;
}

/** What did not arrive. */
export function cross(px, y, stroke) {
  return path(`M${round(px - 3.5)} ${y - 3.5}l7 7m0-7l-7 7`, { stroke, 'stroke-width': 1.5 });
}

/** A message that arrived: an arrow between two heights. */
export function arrow(x1, y1, x2, y2, stroke) {
  const up = y2 < y1 ? -1 : 1;
  return s(
    'g',
    {},
    path(`M${round(x1)} ${y1}L${round(x2)} ${y2 - 4 * up}`, { stroke, 'stroke-width': 1.3 }),
    path(`M${round(x2 - 3.2)} ${y2 - 6.5 * up}L${round(x2)} ${y2}l3.2 ${-6.5 * up}Z`, { fill: stroke }),
  );
}
