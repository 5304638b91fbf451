// What the page shows, as one plain object, and the link that carries it. Only
// what a reader chose is in the link; what the engine said is not.

/** The parts of the state, with the letter that each has in the link. */
const fresh = {
  scenario: 'faq', // s: name of a scenario that comes with zksim
  yaml: '', //        y: the text of one's own, in its place
  set: {}, //         set: assignments, path -> value
  add: [], //         add: faults put in by hand, as YAML
  seed: '', //        seed: decimal; empty is the scenario's own
  run: 0, //          run: replication
  client: '', //      c: whose story; empty is the engine's choice
  at: null, //        t: cursor, ms since the origin
  guess: null, //     g: ms since the origin, or 'never'
  ask: false, //      ask: predict first
  why: 0, //          w: the record that is explained
  view: 'play', //    v: play, lessons, rules
  rule: '', //        r: the rule that is open
  lesson: '', //      l: the lesson that is open
  fork: null, //      f: {at, kind, value}
};

export const state = structuredClone(fresh);

const listeners = [];

/** Calls back with the names that changed, whenever one of them does. */
export function on(names, callback) {
  listeners.push({ names: names.split(' '), callback });
}

let pending = null;

/** Changes the state; listeners are told once for all that changed in this turn. */
export function change(patch) {
  for (const [name, value] of Object.entries(patch)) {
    if (JSON.stringify(state[name]) === JSON.stringify(value)) continue;
    state[name] = value;
    if (!pending) {
      pending = new Set();
      queueMicrotask(flush);
    }
    pending.add(name);
  }
}

function flush() {
  const changed = pending;
  pending = null;
  for (const { names, callback } of listeners) if (names.some((n) => changed.has(n))) callback(changed);
  remember();
}

/** The part of the state that decides what the engine is asked. */
export function request(extra) {
  const r = { scenario: state.yaml || state.scenario };
  const set = Object.entries(state.set).map(([k, v]) => `${k}=${v}`);
  if (set.length) r.set = set;
  if (state.add.length) r.add = state.add;
  if (state.seed) r.seed = state.seed;
  if (state.run) r.run = state.run;
  if (state.client) r.client = state.client;
  return { ...r, ...extra };
}

/** What is asked of the engine changed. */
export const RUN = 'scenario yaml set add seed run client';

// The link. Names are short, the text of a scenario is deflated.

async function squeeze(words) {
  const bytes = await new Response(new Blob([words]).stream().pipeThrough(new CompressionStream('deflate-raw'))).arrayBuffer();
  return btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

const MOST = 256 << 10; // bytes of a scenario, the engine's own limit

async function unsqueeze(packed) {
  const raw = Uint8Array.from(atob(packed.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  const reader = new Blob([raw]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  const parts = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > MOST) {
      reader.cancel();
      throw new Error('it is larger than 256 kB');
    }
    parts.push(value);
  }
  return new Blob(parts).text();
}

let packed = { words: '', text: '' };

/** The state as the part of a link behind the #. */
export async function link() {
  const p = new URLSearchParams();
  if (state.yaml) {
    if (packed.words !== state.yaml) packed = { words: state.yaml, text: await squeeze(state.yaml) };
    p.set('y', packed.text);
  } else p.set('s', state.scenario);
  for (const [k, v] of Object.entries(state.set)) p.append('set', `${k}=${v}`);
  for (const f of state.add) p.append('add', f);
  if (state.seed) p.set('seed', state.seed);
  if (state.run) p.set('run', state.run);
  if (state.client) p.set('c', state.client);
  if (state.at != null) p.set('t', state.at);
  if (state.guess != null) p.set('g', state.guess);
  if (state.ask) p.set('ask', 1);
  if (state.why) p.set('w', state.why);
  if (state.view !== 'play') p.set('v', state.view);
  if (state.rule) p.set('r', state.rule);
  if (state.lesson) p.set('l', state.lesson);
  if (state.fork) p.set('f', [state.fork.at, state.fork.kind, state.fork.value].join('~'));
  return '#' + p.toString().replace(/%2C/g, ',').replace(/%3D/g, '=').replace(/%7E/g, '~');
}

function wholeNumber(p, name, what) {
  const words = p.get(name);
  if (words == null) return null;
  const n = Number(words);
  if (words === '' || !Number.isSafeInteger(n)) throw new Error(`${what} is “${words.slice(0, 40)}”; it must be a whole number`);
  return n;
}

/**
 * Reads a link. What is wrong with it is said in the error; the state is then as
 * it was.
 */
export async function open(hash) {
  const p = new URLSearchParams(hash.replace(/^#/, ''));
  const next = structuredClone(fresh);
  if (p.has('s')) next.scenario = p.get('s');
  if (p.has('y')) {
    try {
      next.yaml = await unsqueeze(p.get('y'));
    } catch (e) {
      throw new Error(`the scenario in it cannot be unpacked (${/larger/.test(e.message) ? e.message : 'it is cut short or was changed'})`);
    }
  }
  for (const a of p.getAll('set')) {
    const i = a.indexOf('=');
    if (i < 1) throw new Error(`“set=${a.slice(0, 40)}” is no assignment; it must be path=value`);
    next.set[a.slice(0, i)] = a.slice(i + 1);
  }
  next.add = p.getAll('add');
  next.seed = p.get('seed') ?? '';
  if (next.seed && !/^\d{1,20}$/.test(next.seed)) throw new Error(`the seed is “${next.seed.slice(0, 40)}”; it must be a whole number`);
  next.run = wholeNumber(p, 'run', 'the run') ?? 0;
  next.client = p.get('c') ?? '';
  next.at = wholeNumber(p, 't', 'the cursor');
  next.guess = p.get('g') === 'never' ? 'never' : wholeNumber(p, 'g', 'the guess');
  next.ask = p.has('ask');
  next.why = wholeNumber(p, 'w', 'the record') ?? 0;
  if (['play', 'lessons', 'rules'].includes(p.get('v'))) next.view = p.get('v');
  next.rule = p.get('r') ?? '';
  next.lesson = p.get('l') ?? '';
  if (p.has('f')) {
    const [at, kind, value] = p.get('f').split('~');
    if (!Number.isSafeInteger(Number(at)) || !kind) throw new Error('the fork in it cannot be read');
    next.fork = { at: Number(at), kind, value: value ?? '' };
  }
  change(next);
}

let timer = 0;
let seen = location.hash; // the address that is ours, or was followed

/** The address follows the state, a little later, so that a drag does not flood it. */
function remember() {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    const now = await link();
    if (location.hash !== seen) return; // another link is about to be followed
    if (now !== seen) history.replaceState(null, '', now);
    seen = location.hash;
  }, 120);
}

/** Whether an address says something else than the state: a link was clicked, Back pressed. */
export async function foreign(hash) {
  seen = hash;
  const parts = (words) => JSON.stringify([...new URLSearchParams(words.slice(1))]);
  if (parts(hash) === parts(await link())) return false;
  clearTimeout(timer);
  return true;
}
