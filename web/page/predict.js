// Predict first. Before the guess nothing that comes after the first fault is shown
// anywhere; after it the page says how far off the guess was, and which rule it missed.

import { h, fill, s, path, text, round } from 'zksim/svg';
import { state, on, change } from 'zksim/state';
import { onResult, run } from 'zksim/run';
import { asking, overlay } from 'zksim/stage';
import { markedAt, learnedAt } from 'zksim/numbers';
import { ms, milliseconds, secondsUnit, brief, capital, tie } from 'zksim/words';
import { frozen } from 'zksim/engine';
import { ruleLink } from 'zksim/rules';

const box = document.getElementById('ask');
const words = document.getElementById('ask-words');
const buttons = document.getElementById('ask-buttons');

const button = (label, click, main) => h('button', { class: main ? 'btn main' : 'btn', type: 'button', click }, label);

/** What a reader may have had in mind: instants that are easily taken for the end. */
function missed(p, guess) {
  const marked = markedAt(p);
  const t = (p.touches ?? []).find((q) => q.use === 'counts');
  const at = (ns) => ms(ns - p.origin_ns);
  const disconnected = p.instants.find((i) => i.what === 'disconnected');
  const learned = learnedAt(p);
  const ideas = [
    t && [at(t.at_ns + t.timeout_ns), 'rounding', ['You had the sum right: the last touch and the timeout. The deadline is then rounded up to a bucket edge', ruleLink('T-3')]],
    [ms(p.timeout_ns), 'fault', ['You counted from the fault. The count starts at the last touch that reached the leader', t && ruleLink(t.rule)]],
    t?.message_ns && [at(t.message_ns) + ms(t.timeout_ns), 'ping', ['You counted from the client’s ping. The leader counts from when it hears of it', ruleLink(t.rule)]],
    disconnected && [at(disconnected.at_ns), 'client', ['That is when the client hears Disconnected. It says nothing about the session', ruleLink(disconnected.rule)]],
    learned && [at(learned.at_ns), 'learned', ['That is when the client learns of it. The cluster had ended it long before', ruleLink(learned.rule)]],
  ].filter(Boolean);
  ideas.sort((a, b) => Math.abs(a[0] - guess) - Math.abs(b[0] - guess));
  const own = marked ? Math.abs(at(marked.at_ns) - guess) : Infinity;
  const [best] = ideas;
  return best && Math.abs(best[0] - guess) < own && Math.abs(best[0] - guess) < 400 ? best[2] : null;
}

function facts(p) {
  const t = (p.touches ?? []).find((q) => q.use === 'counts');
  if (!t) return [];
  const before = t.at_ns <= p.origin_ns;
  return [
    `The count starts at the leader’s last touch, ${secondsUnit(Math.abs(t.at_ns - p.origin_ns))} ${before ? 'before' : 'after'} the fault `,
    ruleLink(t.rule),
    `, and ends on a bucket edge, ${secondsUnit(t.deadline_ns - t.sum_ns)} past touch and timeout `,
    ruleLink('T-3'),
    '.',
  ];
}

function score(p, guess) {
  const marked = markedAt(p);
  if (guess === 'never') {
    if (!marked) return [h('b', {}, 'You said never, and you were right. '), h('span', {}, tie(p.headline))];
    return [h('b', {}, `You said never. It was ${secondsUnit(marked.at_ns - p.origin_ns)}. `), h('span', {}, facts(p))];
  }
  if (!marked) return [h('b', {}, `You said ${milliseconds(guess)}\u00a0s. In this run the cluster does not end it. `), h('span', {}, tie(p.headline))];
  const off = guess - ms(marked.at_ns - p.origin_ns);
  const way = off === 0 ? 'to the millisecond' : `${Math.abs(off)}\u00a0ms ${off > 0 ? 'earlier' : 'later'} than you thought`;
  const why = missed(p, guess);
  return [h('b', {}, `You said ${milliseconds(guess)}\u00a0s. It was ${secondsUnit(marked.at_ns - p.origin_ns)}: `), `${way}. `, h('span', {}, why ? [why[0], ' ', why[1], '. '] : null, facts(p))];
}

function show() {
  if (!run.result) return;
  box.hidden = Boolean(state.lesson);
  const p = run.result.picture;
  if (asking()) {
    const what = p.facts?.length ? `${p.facts.slice(0, 3).map((f) => capital(f).replace(/\.$/, '')).join('. ')}.` : 'Nothing goes wrong.';
    const question = `${tie(what)} The timeout is ${brief(p.timeout_ns)}, the tick ${brief(p.tick_ns)}. When does the cluster end the session? Click in the figure, or `;
    // The same question again leaves alone what is being typed.
    if (question === asked && words.querySelector('.typed-guess')) return;
    asked = question;
    fill(words, h('b', {}, 'Your prediction first. '), question, typed());
    fill(buttons, button('It never does', () => change({ guess: 'never' })), button('Show me', () => change({ ask: false })));
    return;
  }
  if (state.guess != null) fill(words, score(p, state.guess));
  else if (before && before !== outcome(p)) fill(words, h('b', {}, 'You changed the outcome. '), h('span', {}, `Before: ${tie(first)}`));
  else if (frozen) fill(words, h('b', {}, 'One run, kept in this file. '), h('span', {}, 'Play it, step through it, choose an instant to see why. To change it, open its link with zksim serve', run.result.command ? [', or begin with ', h('code', {}, run.result.command)] : '', '.'));
  else fill(words, h('b', {}, 'Now you. '), h('span', {}, 'Drag an end of the fault, or change the timeout: everything is computed anew.'));
  fill(buttons, button(state.guess != null ? 'Guess again' : 'Predict first', () => change({ ask: true, guess: null, why: 0, at: null, fork: null })));
}

let asked = '';

/** A field for those who do not point. */
function typed() {
  const field = h('input', { class: 'typed-guess', 'aria-label': 'Your prediction in seconds after the fault, then Enter', placeholder: 'type seconds', inputmode: 'decimal' });
  field.addEventListener('keydown', (e) => {
    if (e.key !== 'Enter') return;
    e.preventDefault();
    const n = Number(field.value.replace(',', '.').replace(/s\s*$/, ''));
    if (field.value.trim() && Number.isFinite(n)) change({ guess: Math.round(n * 1000), ask: true });
  });
  return field;
}

// How the story ended before anything was changed.
const outcome = (p) => `${p.verdict}`;
let before = '', first = '', scenario = '';
onResult(({ picture }) => {
  const name = state.yaml || state.scenario;
  const bare = !Object.keys(state.set).length && !state.add.length && !state.seed && !state.run;
  if (name !== scenario || bare) [before, first] = bare ? [outcome(picture), picture.headline] : ['', ''];
  scenario = name;
  show();
});
on('ask guess lesson', show);

overlay((figure, { picture: p }) => {
  if (asking() || typeof state.guess !== 'number') return;
  const { x, yAxis, narrow } = figure;
  const px = round(Math.min(Math.max(x(p.origin_ns + state.guess * 1e6), x.left), x.right));
  const left = px > x.right - 90;
  figure.svg.append(
    s('g', { class: 'guess' }, path(`M${px} ${yAxis + 24}l-5 8h10Z`, { fill: 'var(--ink)' }), text(px + (left ? -10 : 10), yAxis + 34, 'your guess', { class: 'small halo', 'font-weight': 600, 'text-anchor': left ? 'end' : null })),
  );
  figure.svg.setAttribute('height', figure.height + (narrow ? 0 : 12));
  figure.svg.setAttribute('viewBox', `0 0 ${figure.width} ${figure.height + (narrow ? 0 : 12)}`);
});
