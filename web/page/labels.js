// The rail above the lanes: key instants with their words. The most important is
// placed first, right of its line, else left of it, else one tier up; the ends of
// a fault give way instead of being raised. On a narrow page the instants are
// numbered dots, and the list below the figure carries the words.

import { s, text, path, width, round } from 'zksim/svg';
import { seconds, secondsUnit } from 'zksim/words';

// The instants that the rail names; the list below the figure has all of them.
const named = new Set(['fault', 'heal', 'disconnected', 'connected', 'marked', 'vain', 'expired', 'gives_up', 'closed', 'killed', 'paused', 'resumed', 'started', 'left', 'leads']);
const whole = new Set(['marked', 'expired']); // drawn through the lanes

/** The instants of a picture that stand in the rail. */
export const railInstants = (p) => {
  const all = (p.instants ?? []).filter((i) => named.has(i.what));
  const ends = (i) => i.lane === 'fault' || i.lane === 'process';
  // What a fault does to a process at once, and a library that gives up and says so, is one instant.
  const said = (i) => all.some((j) => j !== i && Math.abs(j.at_ns - i.at_ns) < 1e6 && (j.rank < i.rank || (j.rank === i.rank && all.indexOf(j) < all.indexOf(i))) && (j.lane === i.lane || (ends(i) && ends(j))));
  return all.filter((i) => !said(i)).map((i) => ({ ...i, at: i.at_ns - p.origin_ns }));
};

export const hueOf = (i) => i.role || 'server';
export const stroke = (hue) => (hue === 'fault' ? 'var(--line)' : `var(--${hue})`);
const hueText = { client: 'cl', cluster: 'cu', gap: 'ga' };

const TIER = 38;

/** Decides where each label goes. Returns the placed ones and how many tiers they need. */
export function place(instants, x) {
  const boxes = [];
  const placed = [];
  let tiers = 0;
  const order = [...instants].sort((a, b) => a.rank - b.rank || a.at_ns - b.at_ns);
  for (const i of order) {
    const px = x(i.at_ns);
    const w = Math.max(width(i.words, 12.5), width(secondsUnit(i.at), 14, 650)) + 12;
    const room = x.right + (x.left ? 44 : 8); // the figure may reach into the space beside it
    const free = (a, b, tier) =>
      a >= -2 &&
      b <= room &&
      !boxes.some((q) => (q.tier === tier && a < q.b && b > q.a) || (q.tier < tier && px > q.a && px < q.b) || (q.tier > tier && q.px > a && q.px < b)) &&
      (tier > 0 || !instants.some((q) => q !== i && x(q.at_ns) > a + 1 && x(q.at_ns) < b - 1));
    let spot = null;
    const most = i.role === 'fault' ? 1 : 3;
    for (let tier = 0; tier < most && !spot; tier++) {
      if (free(px + 1, px + w, tier)) spot = { tier, px, anchor: 'start', a: px + 1, b: px + w };
      else if (free(px - w, px - 1, tier)) spot = { tier, px, anchor: 'end', a: px - w, b: px - 1 };
    }
    if (!spot) continue;
    boxes.push(spot);
    tiers = Math.max(tiers, spot.tier);
    placed.push({ ...spot, instant: i, px, w });
  }
  return { placed, tiers };
}

/** Draws the rail with its base at y. `bottom` tells how far down the line of an instant goes. */
export function drawRail(instants, x, { y, bottom, narrow, pick }) {
  const lines = s('g', { 'aria-hidden': 'true' });
  const keys = s('g', { class: 'rail' });
  const { placed } = narrow ? { placed: [] } : place(instants, x);
  let last = -99;
  instants.forEach((i, n) => {
    const hue = hueOf(i), full = whole.has(i.what);
    const px = x(i.at_ns);
    const spot = placed.find((p) => p.instant === i);
    const top = narrow ? y - 26 : y - 22 - TIER * (spot?.tier ?? 0);
    lines.append(
      path(`M${round(px)} ${round(top)}V${bottom(i)}`, { stroke: stroke(hue), 'stroke-width': full ? 1.6 : 1.3, 'stroke-dasharray': full ? null : '3 3' }),
    );
    const common = {
      class: 'key',
      tabindex: '0',
      role: 'button',
      'aria-label': `${seconds(i.at)} seconds: ${i.words}. Why?`,
      data: { record: i.record, at: i.at_ns },
      click: () => pick(i),
    };
    if (narrow) {
      const cx = Math.max(px, last + 20);
      last = cx;
      keys.append(
        s(
          'g',
          common,
          s('circle', { class: 'ring', cx, cy: y - 34, r: 14 }),
          s('circle', { class: 'dot', cx, cy: y - 34, r: 9, fill: hue === 'fault' ? 'var(--fault)' : stroke(hue) }),
          text(cx, y - 30, n + 1, { 'text-anchor': 'middle', class: 'n' }),
        ),
      );
    } else if (spot) {
      const dx = spot.anchor === 'start' ? 6 : -6;
      const up = y - 40 - TIER * spot.tier;
      keys.append(
        s(
          'g',
          common,
          s('rect', { class: 'ring', x: round(spot.a), y: up, width: round(spot.w), height: 40, rx: 4 }),
          text(px + dx, up + 16, secondsUnit(i.at), { 'text-anchor': spot.anchor, class: hueText[hue], 'font-size': 14, 'font-weight': 650 }),
          text(px + dx, up + 32, i.words, { 'text-anchor': spot.anchor, class: 'm small' }),
        ),
      );
    }
  });
  return { lines, keys };
}

/** How high the rail is. */
export function railHeight(instants, x, narrow) {
  return narrow ? 48 : 46 + TIER * place(instants, x).tiers;
}
