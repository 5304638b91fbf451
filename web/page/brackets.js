// Brackets under the lanes: how long something took, with its length.

import { s, text, path, width, round } from 'zksim/svg';
import { tie } from 'zksim/words';

const hues = { client: ['var(--client)', 'cl'], cluster: ['var(--cluster)', 'cu'], gap: ['var(--gap)', 'ga'] };
const ROW = 36;

/** Puts brackets into as few rows as they fit without touching. */
export function rowsOf(brackets, x) {
  const rows = [];
  for (const b of brackets) {
    const seen = x.clip(b.from_ns, b.to_ns);
    if (!seen) continue;
    const [left, right] = seen.map(x);
    const words = tie([b.words, ...(b.short ?? [])].find((t) => width(t, 13, 650) < x.right - x.left) ?? b.words);
    const w = width(words, 13, 650) + 14;
    const middle = Math.min(Math.max((left + right) / 2, x.left + w / 2 - 6), x.right - w / 2 + 6);
    const a = Math.min(left, middle - w / 2), z = Math.max(right, middle + w / 2);
    let row = rows.find((r) => r.every((q) => z <= q.a + 1 || a >= q.z - 1));
    if (!row) rows.push((row = []));
    row.push({ b, words, middle, left, right, a, z });
  }
  return rows;
}

export const bracketsHeight = (rows) => rows.length * ROW;

/** Draws the rows from y downwards. */
export function drawBrackets(rows, y, pick) {
  const g = s('g', { class: 'brackets' });
  rows.forEach((row, n) => {
    const at = y + 18 + n * ROW;
    for (const { b, words, middle, left, right } of row) {
      const [stroke, cls] = hues[b.role] ?? ['var(--line)', ''];
      g.append(
        s(
          'g',
          { class: 'bracket', data: { bracket: b.kind } },
          path(`M${round(left)} ${at - 6}v6H${round(right)}${b.open ? '' : 'v-6'}`, { stroke, 'stroke-width': 1.6 }),
          text(middle, at + 16, words, { 'text-anchor': 'middle', class: cls, 'font-size': 13, 'font-weight': 650 }),
        ),
      );
    }
  });
  return g;
}
