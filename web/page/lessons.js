// Lessons: the same as zksim lesson takes one through, with the figure on the page.
// Each round describes a situation, asks, and only then shows the run.

import { h, fill } from 'zksim/svg';
import { call } from 'zksim/engine';
import { state, on, change } from 'zksim/state';
import { choose } from 'zksim/scenarios';
import { predictions } from 'zksim/stage';
import { complain, calm } from 'zksim/trouble';
import { ruleLink } from 'zksim/rules';
import { milliseconds, tie } from 'zksim/words';

const page = document.getElementById('view-lessons');
const tour = document.getElementById('tour');
let lessons = null;
let shown = ''; // the round that the tour shows

async function load() {
  if (lessons) return lessons;
  const answer = await call('lessons');
  return (lessons = answer.lessons ?? answer);
}

/** The place in the lessons as the link has it: name:round. */
const where = () => {
  const [name, round] = state.lesson.split(':');
  return { name, round: Number(round) || 1 };
};

async function showList() {
  page.hidden = state.view !== 'lessons';
  if (page.hidden) return;
  try {
    await load();
    calm('lessons');
  } catch (e) {
    return complain(e, 'The lessons are missing.', 'lessons');
  }
  fill(
    page,
    h('div', { class: 'intro' }, h('h1', {}, 'Lessons'), h('p', {}, 'Each takes a few minutes: say what you expect, see the run, find the rule that you missed.')),
    h(
      'ol',
      { class: 'lessons' },
      lessons.map((l) =>
        h('li', {}, h('span', { class: 'no', 'aria-hidden': 'true' }, l.number), h('div', {}, h('h2', {}, l.title), h('p', { class: 'sub' }, tie(l.about ?? ''))), h('button', { class: 'btn', type: 'button', data: { lesson: l.name }, 'aria-label': `Start lesson ${l.number}: ${l.title}`, click: () => begin(l.name, 1) }, 'Start')),
      ),
    ),
  );
}

/** Opens a round: its scenario, with nothing shown after the fault. */
async function begin(name, round) {
  await load();
  const l = lessons.find((q) => q.name === name);
  const r = l?.rounds[round - 1];
  if (!r) return complain(new Error(`There is no lesson ${name}, round ${round}.`), 'This lesson cannot be taken.', 'lesson');
  const set = Object.fromEntries((r.set ?? []).map((a) => [a.slice(0, a.indexOf('=')), a.slice(a.indexOf('=') + 1)]));
  choose(r.scenario, { set, seed: String(r.seed ?? ''), client: r.client ?? '', ask: true, lesson: `${name}:${round}`, view: 'play' });
  scrollTo(0, 0);
  shown = '';
  showTour();
}


async function showTour() {
  const { name, round } = where();
  tour.hidden = !state.lesson;
  document.body.classList.toggle('in-lesson', Boolean(state.lesson));
  predictions.take = null;
  if (!state.lesson) {
    calm('lesson');
    shown = '';
    return fill(tour);
  }
  if (shown === state.lesson) return;
  shown = state.lesson;
  let l, s;
  try {
    await load();
    l = lessons.find((q) => q.name === name);
    // A link that names the lesson alone, or one to a lesson that was over.
    if (l?.rounds[round - 1] && (!state.ask || state.scenario !== l.rounds[round - 1].scenario)) return begin(name, round);
    s = await call('lesson', { lesson: name, round });
    calm('lesson');
  } catch (e) {
    shown = '';
    return complain(e, 'This lesson cannot be taken.', 'lesson');
  }
  if (shown !== state.lesson) return;
  const answers = s.asks.map((a, n) => question(a, n));
  const form = h('form', { class: 'asks', submit: (e) => (e.preventDefault(), judge(l, s, answers, form)) }, answers.map((a) => a.element), h('div', { class: 'editor-buttons' }, h('button', { class: 'btn main', type: 'submit' }, 'Answer'), h('button', { class: 'btn', type: 'button', click: () => change({ lesson: '', ask: false, guess: null }) }, 'Leave the lesson')));
  const instants = answers.filter((a) => a.kind === 'instant');
  predictions.take = (ms) => instants.length && (instants.find((a) => !a.value()) ?? instants[0]).put(milliseconds(ms));
  fill(tour, h('p', { class: 'fine' }, `Lesson ${l.number}, round ${round} of ${s.of}`), h('h2', { tabindex: '-1' }, l.title), paragraphs(s.text), form, h('div', { class: 'verdict', 'aria-live': 'polite' }));
  tour.querySelector('h2').focus({ preventScroll: true });
}

const paragraphs = (words) => String(words ?? '').trim().split(/\n{2,}/).map((p) => h('p', {}, tie(p)));

/** One question as a part of a form: {element, value(), put(words)}. */
function question(a, n) {
  const id = `ask-${n}`;
  const keys = (a.options ?? []).map((_, i) => String.fromCharCode(97 + i));
  if (a.kind === 'yesno' || a.kind === 'choice') {
    const options = a.kind === 'yesno' ? [['yes', 'Yes'], ['no', 'No']] : keys.map((k, i) => [k, a.options[i]]);
    const element = h('fieldset', {}, h('legend', {}, tie(a.question)), options.map(([value, words]) => h('label', { class: 'option' }, h('input', { type: 'radio', name: id, value }), ' ', tie(words))));
    return { kind: a.kind, element, value: () => element.querySelector('input:checked')?.value ?? '', put() {} };
  }
  if (a.kind === 'order') {
    // Pressed in the order in which they come; a press again takes one out.
    const order = [];
    const buttons = keys.map((k, i) => h('button', { type: 'button', class: 'order', 'aria-pressed': 'false', click: () => toggle(k) }, h('span', { class: 'no' }, ''), ' ', tie(a.options[i])));
    const toggle = (k) => {
      order.includes(k) ? order.splice(order.indexOf(k), 1) : order.push(k);
      buttons.forEach((b, i) => {
        const at = order.indexOf(keys[i]);
        b.firstChild.textContent = at < 0 ? '' : at + 1;
        b.setAttribute('aria-pressed', String(at >= 0));
      });
    };
    return { kind: a.kind, element: h('fieldset', {}, h('legend', {}, tie(a.question), ' ', h('span', { class: 'fine' }, 'Press them first to last.')), buttons), value: () => (order.length === keys.length ? order.join(' ') : ''), put() {} };
  }
  const field = h('input', { id, class: 'short', autocomplete: 'off', 'aria-describedby': `${id}-want` });
  return {
    kind: a.kind,
    element: h('div', { class: 'ask-field' }, h('label', { for: id }, tie(a.question)), ' ', field, ' ', h('span', { class: 'fine', id: `${id}-want` }, a.want, a.kind === 'instant' ? '; or click in the figure' : '')),
    value: () => field.value.trim(),
    put: (words) => ((field.value = words), field.focus({ preventScroll: true })),
  };
}

async function judge(l, s, answers, form) {
  const out = tour.querySelector('.verdict');
  const guesses = answers.map((a) => a.value());
  if (guesses.some((g) => !g)) return fill(out, h('p', { class: 'yaml-error' }, 'Answer every question first, if only with a guess.'));
  const { name, round } = where();
  let j;
  try {
    j = await call('judge', { lesson: name, round, guesses });
  } catch (e) {
    return fill(out, h('p', { class: 'yaml-error' }, e.message));
  }
  predictions.take = null;
  form.hidden = true;
  change({ ask: false });
  const more = round < s.of;
  const next = lessons[lessons.indexOf(l) + 1];
  fill(
    out,
    j.asks.map((a) => h('div', { class: a.right ? 'judged right' : 'judged' }, h('p', {}, h('b', {}, tie(a.words)), a.reveal ? [' ', tie(a.reveal.replace(/\s+/g, ' '))] : ''))),
    paragraphs(j.explain),
    j.rules?.length > 0 && h('p', { class: 'fine' }, 'Rules: ', j.rules.map((id) => [ruleLink(id), ' '])),
    !more && l.next?.length > 0 && h('div', { class: 'else' }, h('b', {}, 'What to change next'), h('ul', {}, l.next.map((t) => h('li', {}, h('span', {}, tie(t.text.trim())), tryIt(t))))),
    h(
      'div',
      { class: 'editor-buttons' },
      more ? h('button', { class: 'btn main', type: 'button', click: () => begin(name, round + 1) }, 'Next round') : next && h('button', { class: 'btn main', type: 'button', click: () => begin(next.name, 1) }, `Next lesson: ${next.title}`),
      h('button', { class: 'btn', type: 'button', click: () => change({ view: 'lessons', lesson: '' }) }, 'All lessons'),
    ),
  );
  out.querySelector('button')?.focus({ preventScroll: true });
}

/** A command of zksim run as a button that does the same here, if it can. */
function tryIt(t) {
  const words = [...(t.command ?? '').matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2] ?? m[3]);
  if (words[0] !== 'zksim' || words[1] !== 'run' || !words[2] || words[2].startsWith('-')) return t.command ? h('code', {}, t.command) : null;
  const more = { set: {} };
  for (let i = 3; i < words.length; i++) {
    if (words[i] === '--set') {
      const a = words[++i] ?? '';
      more.set[a.slice(0, a.indexOf('='))] = a.slice(a.indexOf('=') + 1);
    } else if (words[i] === '--seed') more.seed = words[++i] ?? '';
    else if (words[i] === '--client') more.client = words[++i] ?? '';
    else return h('code', {}, t.command);
  }
  return h('button', { class: 'btn tiny', type: 'button', title: t.command, click: () => choose(words[2], more) }, 'Try it');
}

on('view', showList);
on('lesson', showTour);
