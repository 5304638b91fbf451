// The parameters above the figure. Each changes the scenario by an assignment, the
// same that --set takes on the command line.

import { h, fill } from 'zksim/svg';
import { state, on, change } from 'zksim/state';
import { onResult, run, dragging } from 'zksim/run';
import { asking } from 'zksim/stage';
import { brief, duration, readSeconds } from 'zksim/words';

const form = document.getElementById('params');
form.addEventListener('submit', (e) => e.preventDefault());

/** Where the scenario speaks of the client whose story is told. */
const mine = () => `clients.${run.result.parameters.client}`;

/** Changes the scenario. A value of null takes an assignment back. */
export function assign(changes) {
  const set = { ...state.set };
  for (const [k, v] of Object.entries(changes)) if (v == null) delete set[k];
    else set[k] = v;
  change({ set, guess: null, ask: asking(), fork: null });
}

/** A length of time: a slider for the hand, a field for exact values. */
function span(label, id, { min, max, step }, put) {
  const field = h('input', { class: 'typed', id, inputmode: 'decimal', autocomplete: 'off', spellcheck: 'false' });
  const slider = h('input', { type: 'range', min, max, step, 'aria-label': label });
  field.addEventListener('change', () => {
    const ns = readSeconds(field.value);
    field.setCustomValidity(ns ? '' : 'Write seconds, as in 10 s or 2.5 s');
    if (ns) put(ns);
    else field.reportValidity();
  });
  slider.addEventListener('input', () => {
    field.value = brief(slider.value * 1e9);
    run.dragging = true;
    put(slider.value * 1e9);
  });
  slider.addEventListener('change', () => dragging(false));
  return {
    element: h('div', {}, h('label', { for: id }, label), field, slider),
    show(ns) {
      if (document.activeElement !== field) field.value = brief(ns);
      if (!slider.matches(':active')) {
        slider.max = Math.max(max, Math.ceil(ns / 1e9));
        slider.value = ns / 1e9;
      }
      slider.setAttribute('aria-valuetext', `${brief(ns)}`);
    },
  };
}

const timeout = span('Session timeout', 'p-timeout', { min: 2, max: 30, step: 0.5 }, (ns) => assign({ [`${mine()}.timeout`]: duration(ns) }));
const tick = span('Tick', 'p-tick', { min: 1, max: 5, step: 0.5 }, (ns) => assign({ 'ensemble.tickTime': duration(ns) }));

const servers = h('select', { 'aria-label': 'Number of servers', change: () => putServers(Number(servers.value)) }, [1, 3, 5, 7].map((n) => h('option', { value: n }, n === 1 ? '1 server' : `${n} servers`)));
const attach = h('select', { 'aria-label': 'Client attached to', change: () => assign({ [`${mine()}.attach`]: attach.value }) });

/** Another number of servers: the leader and the clients must be on servers that exist. */
function putServers(n) {
  const changes = { 'ensemble.servers': n === run.result.picture.servers ? null : String(n) };
  const { leader, clients } = where();
  if (leader > n) changes['ensemble.leader'] = String(n);
  if (n < run.result.picture.servers) changes['ensemble.clocks'] = '{}'; // those of servers that are no more
  for (const [name, at] of clients) if (at > n) changes[`clients.${name}.attach`] = String(n === 1 ? 1 : Math.min(at, n));
  assign(changes);
}

/** The leader and which client is attached where, as the engine tells. */
function where() {
  const q = run.result.parameters ?? {};
  return { leader: q.leader ?? 0, clients: (q.clients ?? []).filter((c) => c.attach).map((c) => [c.name, c.attach]) };
}

const libraries = [
  ['', 'as in the scenario', {}],
  ['java38', 'Java 3.5 to 3.9.2', { library: 'java', version: '3.8.0' }],
  ['java39', 'Java 3.9.4 and later', { library: 'java', version: '3.9.4' }],
  ['curator', 'Curator, 100 %', { library: 'curator', version: '5.7.1', percent: '100' }],
  ['curator33', 'Curator, 33 %', { library: 'curator', version: '5.7.1', percent: '33' }],
  ['c', 'C client', { library: 'c', version: '3.9.5' }],
  ['go', 'go-zookeeper', { library: 'go', version: '1.0.4' }],
  ['kazoo28', 'kazoo 2.8', { library: 'kazoo', version: '2.8.0' }],
  ['kazoo', 'kazoo 2.9 and later', { library: 'kazoo', version: '2.11.0' }],
];
const libraryKeys = ['library', 'version', 'percent', 'zookeeper'];
const library = h('select', { id: 'p-library', change: () => {
  const [, , keys] = libraries.find(([id]) => id === library.value);
  assign(Object.fromEntries(libraryKeys.map((k) => [`${mine()}.${k}`, keys[k] ?? null])));
} }, libraries.map(([id, words]) => h('option', { value: id }, words)));

const client = h('select', { 'aria-label': 'Whose story', id: 'p-client', change: () => change({ client: client.value, guess: null, why: 0, at: null, fork: null }) });

const seed = h('input', { class: 'typed', id: 'p-seed', inputmode: 'numeric', autocomplete: 'off', spellcheck: 'false', change: () => {
  const words = seed.value.trim();
  const good = /^\d{1,20}$/.test(words);
  seed.setCustomValidity(good ? '' : 'A seed is a whole number');
  if (good) change({ seed: words, guess: null, fork: null });
  else seed.reportValidity();
} });

const nextSeed = h('button', { class: 'btn tiny', type: 'button', id: 'next-seed', click: () => change({ seed: String((BigInt(run.result.seed) + 1n) & 0xffffffffffffffffn), guess: null, fork: null }) }, 'Next');
const reset = h('button', { class: 'btn tiny', type: 'button', click: () => change({ set: {}, add: [], seed: '', run: 0, guess: null, fork: null, at: null, why: 0 }) }, 'Undo all');

fill(
  form,
  timeout.element,
  tick.element,
  h('div', {}, h('span', { class: 'label' }, 'Servers, client'), servers, attach),
  h('div', {}, h('label', { for: 'p-library' }, 'Client library'), library, client),
  h('div', {}, h('label', { for: 'p-seed' }, 'Seed'), h('div', { class: 'v' }, seed, nextSeed), h('div', { class: 'v undo' }, reset)),
);

function show() {
  if (!run.result) return;
  const p = run.result.picture, q = run.result.parameters ?? {};
  timeout.show(q.asked_ns ?? p.timeout_ns);
  tick.show(q.tick_ns ?? p.tick_ns);
  if (![...servers.options].some((o) => Number(o.value) === p.servers)) servers.append(h('option', { value: p.servers }, `${p.servers} servers`));
  servers.value = p.servers;
  const { leader } = where();
  const at = Number(/(\d+)$/.exec(p.server ?? '')?.[1] ?? 0);
  fill(attach, Array.from({ length: p.servers + (p.observers ?? 0) }, (_, n) => h('option', { value: n + 1 }, p.servers === 1 ? 'on it' : `on ${n + 1}${leader ? (n + 1 === leader ? ', leader' : n < p.servers ? ', follower' : ', observer') : ''}`)));
  attach.value = at || 1;
  const now = Object.fromEntries(libraryKeys.map((k) => [k, state.set[`${mine()}.${k}`]]));
  const chosen = libraries.find(([id, , keys]) => id && libraryKeys.every((k) => keys[k] === now[k]));
  library.options[0].textContent = (chosen ? 'as in the scenario' : q.library_title) || 'as in the scenario';
  library.value = chosen?.[0] ?? '';
  const people = (q.clients ?? []).filter((c) => c.name);
  client.hidden = people.length < 2;
  fill(client, people.slice(0, 200).map((c) => h('option', { value: c.name, selected: c.name === p.client }, `story of ${c.name}`)));
  if (document.activeElement !== seed) seed.value = run.result.seed;
  reset.hidden = !(Object.keys(state.set).length || state.add.length || state.seed || state.run);
}

onResult(show);
on('set seed ask', show);
