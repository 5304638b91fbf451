// The card that appears over a mark: when, what, and by which rule. Click or Enter
// makes it the subject of the panel beside the figure.

import { h, fill } from 'zksim/svg';
import { run } from 'zksim/run';
import { asking } from 'zksim/stage';
import { secondsUnit, tie } from 'zksim/words';

const tip = document.getElementById('tip');

/** What is known of a record: from the list of records, or from the picture's instants. */
export function about(id) {
  const r = run.result?.records?.find((q) => q.id === id);
  const i = run.result?.picture.instants?.find((q) => q.record === id);
  if (!r && !i) return null;
  return { id, t_ns: r?.t_ns ?? i.at_ns, words: r?.words ?? i.words, rule: r?.rule || i?.rule || '', node: r?.node ?? i?.node ?? '', cause: r?.cause };
}

export function hide() {
  tip.hidden = true;
}

function show(target, x, y) {
  const id = Number(target?.dataset.record ?? 0);
  const a = id && !(asking() && !target.classList.contains('key')) ? about(id) : null;
  if (!a || run.dragging) return hide();
  const { origin_ns } = run.result.picture;
  fill(
    tip,
    h('b', {}, secondsUnit(a.t_ns - origin_ns)),
    ' ',
    a.rule && h('span', { class: 'rid' }, a.rule),
    h('br'),
    a.node && h('span', { class: 'fine' }, a.node, ': '),
    tie(a.words),
    h('br'),
    !asking() && h('span', { class: 'fine' }, 'Click for why.'),
  );
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(8, Math.min(x + 14, innerWidth - box.width - 8))}px`;
  tip.style.top = `${y + 18 + box.height > innerHeight ? y - box.height - 12 : y + 18}px`;
}

/** Lets a figure show cards. */
export function cards(element) {
  element.addEventListener('pointermove', (e) => (e.pointerType === 'touch' ? hide() : show(e.target.closest('[data-record]'), e.clientX, e.clientY)));
  element.addEventListener('pointerleave', hide);
  element.addEventListener('focusin', (e) => {
    const mark = e.target.closest('[data-record]');
    if (!mark?.matches(':focus-visible')) return;
    const box = mark.getBoundingClientRect();
    show(mark, box.left, box.bottom - 12);
  });
  element.addEventListener('focusout', hide);
  element.addEventListener('keydown', (e) => {
    if (e.key === 'Enter' || e.key === ' ') {
      const key = e.target.closest('.key');
      if (!key) return;
      e.preventDefault();
      e.stopPropagation();
      key.dispatchEvent(new MouseEvent('click', { bubbles: false }));
    } else if (e.key === 'Escape') hide();
  });
}
