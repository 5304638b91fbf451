// Rules: their texts, as cards beside the figure and as a page of their own.

import { h, fill } from 'zksim/svg';
import { call, answerable, frozen } from 'zksim/engine';
import { state, on, change } from 'zksim/state';
import { complain, calm } from 'zksim/trouble';
import { choose } from 'zksim/scenarios';

const page = document.getElementById('view-rules');

/** The text of a rule; undefined when the engine does not know it. */
export async function rule(id) {
  try {
    return await call('rule', { id });
  } catch {
    return undefined;
  }
}

/** A rule's name, which opens its text. Names of several rules become several. */
export function ruleLink(ids, current) {
  return String(ids)
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((id) => !answerable('rule', { id }) ? h('span', { class: 'rid' }, id) : h('button', { type: 'button', class: 'rid', 'aria-label': `Rule ${id}`, 'aria-current': current ? String(id === current) : null, data: { rule: id }, click: () => change({ rule: id }) }, id));
}

/** Text in which names of rules are links. */
export function linked(words) {
  return words.split(/\b([A-Z]{1,2}-[A-Z]?\d+[a-z]?)\b/).map((part, n) => (n % 2 ? ruleLink(part) : part));
}

/** What a rule is about, in few words: the part of the document that it stands in. */
export const ruleHead = (r) => r.part || String(r.section ?? '').replace(/^[A-Z]+: /, '');

/** What a rule says, where it is read from, where it is at work. */
export function ruleBody(r, { all = false } = {}) {
  const most = all ? 60 : 6;
  const list = (words, items, each) =>
    items?.length > 0 && h('p', { class: 'fine' }, `${words} `, items.slice(0, most).map((item, n) => [n ? ', ' : '', each(item)]), items.length > most ? ` and ${items.length - most} more` : '', '.');
  return [
    String(r.text ?? '').split(/\n{2,}/).map((p) => h('p', { class: 'rule-text' }, linked(p))),
    r.left_out && h('p', { class: 'fine' }, `Left out here: ${r.left_out}`),
    r.source && h('p', { class: 'src' }, r.source),
    all && list('Implemented in', r.implemented, (i) => h('code', {}, i)),
    all && list('Every run is held against it by', r.checked, (i) => h('code', {}, i)),
    list('Shown by', r.scenarios, (name) => frozen ? name : h('a', { href: `#s=${encodeURIComponent(name)}`, click: (e) => (e.preventDefault(), choose(name, { view: 'play' })) }, name)),
    list('Taught in lesson', r.lessons, (l) => frozen ? l.number : h('a', { href: `#l=${encodeURIComponent(l.name)}:1`, title: l.title }, l.number)),
    !all && !frozen && h('p', { class: 'fine' }, h('a', { href: `#v=rules&r=${encodeURIComponent(r.id)}`, click: (e) => (e.preventDefault(), change({ view: 'rules', rule: r.id }), scrollTo(0, 0)) }, 'All about it')),
  ];
}

let rules = null;
let wanted = '';

async function show() {
  page.hidden = state.view !== 'rules';
  if (page.hidden) return;
  if (!rules) {
    try {
      const answer = await call('rules');
      rules = answer.rules ?? answer;
      calm('rules');
    } catch (e) {
      return complain(e, 'The rules are missing.', 'rules');
    }
    const search = h('input', { type: 'search', class: 'field', placeholder: 'Search the rules', 'aria-label': 'Search the rules', input: () => ((wanted = search.value.toLowerCase()), index()) });
    fill(
      page,
      h('div', { class: 'intro' }, h('h1', {}, 'Rules'), h('p', {}, `${rules.length} statements about how ZooKeeper and its clients behave, read from their sources. Each instant on the page names the one that made it so.`)),
      h('div', { class: 'rules' }, h('div', {}, search, h('ul', { class: 'index', id: 'rule-index' })), h('article', { class: 'rule-page', id: 'rule-page', 'aria-live': 'polite' })),
    );
  }
  index();
  const body = document.getElementById('rule-page');
  const r = state.rule ? await rule(state.rule) : null;
  if (state.rule && !r) fill(body, h('p', {}, `There is no rule “${state.rule.slice(0, 20)}”.`));
  else if (r) fill(body, h('h2', {}, h('span', { class: 'rid' }, r.id), ' ', ruleHead(r)), ruleBody(r, { all: true }));
  else fill(body, h('p', { class: 'sub' }, 'Choose a rule.'));
}

function index() {
  const list = document.getElementById('rule-index');
  fill(
    list,
    rules
      .filter((r) => !wanted || `${r.id} ${r.title ?? ''} ${r.text ?? ''}`.toLowerCase().includes(wanted))
      .map((r) =>
        h('li', {}, h('button', { type: 'button', 'aria-current': String(r.id === state.rule), click: () => change({ rule: r.id }) }, h('span', { class: 'rid' }, r.id), ' ', r.title)),
      ),
  );
}

on('view rule', show);
