// The three numbers: when the cluster ends the session, when the client learns it,
// and what lies between.

import { h, fill } from 'zksim/svg';
import { on } from 'zksim/state';
import { onResult, run } from 'zksim/run';
import { asking } from 'zksim/stage';
import { seconds, tie } from 'zksim/words';

const stats = document.getElementById('stats');
const TITLE = document.title;

/** When the mark that took effect was made, or undefined. */
export const markedAt = (p) => p.instants?.find((i) => i.what === 'marked');
/** When the client was told that its session is over, by a server or by its library. */
export const learnedAt = (p) => p.instants?.find((i) => i.what === 'expired');
export const bracket = (p, kind) => p.brackets?.find((b) => b.kind === kind);

const number = (ns) => [seconds(ns), h('i', {}, '\u00a0s')];

function stat(label, cls, value) {
  const words = typeof value === 'string';
  return h('div', { class: 'stat' }, h('small', {}, label), h('b', { class: words && value !== '?' ? `${cls} words` : cls, data: { stat: label } }, value));
}

function show() {
  if (!run.result) return;
  const p = run.result.picture;
  const marked = markedAt(p), learned = learnedAt(p);
  const gap = bracket(p, 'knowledge_gap'), orphan = bracket(p, 'orphan');
  const hidden = asking();
  document.title = hidden || !p.headline ? TITLE : `zksim: ${p.headline}`;
  const q = (value) => (hidden ? '?' : value);
  fill(
    stats,
    stat('Cluster ends it', 'c-cluster', q(marked ? number(marked.at_ns - p.origin_ns) : 'not in this run')),
    stat('Client learns it', 'c-client', q(learned ? number(learned.at_ns - p.origin_ns) : p.verdict?.startsWith('dead') ? 'never: it is dead' : marked ? 'not in this run' : 'nothing to learn')),
    orphan && !gap
      ? stat('Orphan', 'c-cluster', q(orphan.open ? ['over ', number(orphan.length_ns)] : number(orphan.length_ns)))
      : stat('Knowledge gap', 'c-gap', q(gap ? (gap.open ? ['over ', number(gap.length_ns)] : number(gap.length_ns)) : 'none')),
    h('p', { class: 'say', id: 'say', 'aria-live': 'polite' }, hidden ? '' : tie(p.headline || p.finding || '')),
  );
}

onResult(show);
on('ask guess', show);
