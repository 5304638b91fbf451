// The panel beside the figure: why an instant is where it is, as a chain of causes
// that ends at what started it; the text of a rule; and what would have changed it.

import { h, fill } from 'zksim/svg';
import { call, latest } from 'zksim/engine';
import { state, on, request, change } from 'zksim/state';
import { onResult, run } from 'zksim/run';
import { asking } from 'zksim/stage';
import { markedAt } from 'zksim/numbers';
import { rule, ruleLink, ruleBody, ruleHead } from 'zksim/rules';
import { secondsUnit, tie, capital } from 'zksim/words';
import { hueOf } from 'zksim/labels';

const panel = document.getElementById('why');
const title = h('h2', { id: 'why-title', tabindex: '-1' });
const chain = h('ol', { class: 'chain' });
const card = h('div', { class: 'rule-card', id: 'rule-card', 'aria-live': 'polite' });
const other = h('div', { class: 'else', id: 'nearest' });
card.hidden = true; // until there is something in it
fill(panel, title, chain, card, other);

/** The record that is explained: the reader's choice, or the mark, or the last thing that happened. */
export function subject(p) {
  if (state.why) return state.why;
  const last = (what) => p.instants?.findLast((i) => i.record && (!what || i.what === what));
  return (markedAt(p) ?? last('closed') ?? last('connected') ?? last('vain') ?? last())?.record ?? 0;
}

const ask = latest('why');
let shown = '';

async function showChain() {
  if (!run.result || run.dragging) return;
  const p = run.result.picture;
  const hidden = asking();
  for (const e of [chain, card, other]) e.hidden = hidden;
  if (hidden) {
    title.textContent = 'The reasons come after your guess';
    return;
  }
  const record = subject(p);
  if (!record) {
    title.textContent = 'Nothing happens to the session';
    for (const e of [chain, card]) e.hidden = true;
    return;
  }
  let answer;
  try {
    answer = await ask(request({ record }));
  } catch (e) {
    title.textContent = 'Why?';
    fill(chain, h('li', {}, h('p', {}, e.message)));
    return;
  }
  if (!answer) return;
  const steps = answer.steps ?? [];
  const hues = new Map((p.instants ?? []).map((i) => [i.record, hueOf(i)]));
  title.textContent = steps.length ? `Why ${secondsUnit(steps[0].t_ns - p.origin_ns)}?` : 'Why?';
  const current = steps.some((q) => q.rule === state.rule) || shown === state.rule ? state.rule : '';
  const first = current || steps.find((q) => q.rule)?.rule || '';
  fill(
    chain,
    steps.map((q) =>
      h(
        'li',
        { class: `${hues.get(q.record) ?? hueOfNode(q)}${q.depth ? ' aside' : ''}` },
        h('b', {}, secondsUnit(q.t_ns - p.origin_ns)),
        q.rule && ruleLink(q.rule, first),
        h('p', {}, h('span', { class: 'w' }, tie(capital(q.words ?? '').replace(/[.]?$/, '.'))), q.arithmetic ? [' ', tie(q.arithmetic)] : ''),
      ),
    ),
  );
  showRule(first);
}

const hueOfNode = (q) => (q.role ? q.role : /^server|^leader|tracker/.test(q.node ?? '') ? 'cluster' : q.node ? 'client' : '');

async function showRule(id) {
  shown = id;
  for (const b of chain.querySelectorAll('.rid')) b.setAttribute('aria-current', String(b.dataset.rule === id));
  const r = id && (await rule(id));
  if (shown !== id) return;
  card.hidden = !r || asking();
  if (r) fill(card, h('h3', {}, h('span', { class: 'rid' }, r.id), ' ', ruleHead(r)), ruleBody(r));
}

// What would have changed it is a search, so it is asked for once the page is at rest.
let timer = 0, search = null;
function later() {
  clearTimeout(timer);
  search?.abort(); // of a run that is no longer shown
  if (run.dragging || asking()) return;
  const about = JSON.stringify(request());
  if (other.dataset.about !== about) fill(other);
  timer = setTimeout(async () => {
    let answer;
    try {
      search = new AbortController();
      answer = await call('nearest', request(), { signal: search.signal });
    } catch {
      return; // the panel does without
    }
    if (JSON.stringify(request()) !== about) return;
    other.dataset.about = about;
    const changes = answer.changes ?? [];
    fill(
      other,
      h('b', {}, changes.length ? 'What would have changed it' : 'Nothing near would have changed it.'),
      h(
        'ul',
        {},
        changes.map((c) =>
          h(
            'li',
            {},
            h('span', {}, tie(c.words ?? `${c.key} ${c.value}: ${c.outcome}`)),
            c.set?.length > 0 && h('button', { class: 'btn tiny', type: 'button', 'aria-label': `Try it: ${c.words}`, click: () => apply(c.set) }, 'Try it'),
          ),
        ),
      ),
      (answer.why_not || answer.searched) && h('details', { class: 'fine' }, h('summary', {}, answer.why_not ? 'Why nothing was searched' : `Found by playing it ${answer.runs} times`), h('p', {}, tie(answer.why_not || answer.searched))),
    );
  }, 700);
}

function apply(assignments) {
  const set = { ...state.set };
  for (const a of assignments) {
    const i = a.indexOf('=');
    set[a.slice(0, i)] = a.slice(i + 1);
  }
  change({ set, guess: null, ask: false, fork: null });
}

onResult(() => (showChain(), later()));
on('why ask guess', () => (showChain(), later()));
on('rule', () => state.view === 'play' && state.rule && showRule(state.rule));
