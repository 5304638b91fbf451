// The way to the engine, which is Go in both cases: over HTTP when a server gave
// us the page, in a worker when the page brings its engine along as WebAssembly,
// and from stored answers in an exported file. Nothing here knows what a session
// is.

/** What the engine refused, with the place in the scenario if it has one. */
export class Refused extends Error {
  constructor({ message, kind = '', line = 0, column = 0, field = '' }) {
    super(message);
    this.kind = kind;
    this.line = line;
    this.column = column;
    this.field = field;
  }
}

const kind = document.querySelector('meta[name=zksim-engine]')?.content ?? 'http';
const answers = new Map(); // what was asked lately, newest last
const KEEP = 400;

// Answers that an exported file carries.
const carried = document.getElementById('zksim-answers');
if (carried) for (const [key, answer] of Object.entries(JSON.parse(carried.textContent))) answers.set(key, answer);

/** Whether any question can be answered, or only the ones that were stored. */
export const frozen = kind === 'frozen';

const keyOf = (method, request) => `${method} ${JSON.stringify(request)}`;

/** Whether this can be answered: an exported file answers only what it carries. */
export const answerable = (method, request) => !frozen || answers.has(keyOf(method, request));

async function overHTTP(method, body, signal) {
  let reply;
  try {
    reply = await fetch(`api/${method}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body, signal });
  } catch (e) {
    if (e.name === 'AbortError') throw e;
    throw new Refused({ message: 'The engine does not answer. Is zksim serve still running?' });
  }
  const words = await reply.text();
  try {
    return JSON.parse(words);
  } catch {
    throw new Refused({ message: `The engine answered ${reply.status} and no data.` });
  }
}

// Two workers, so that a search never keeps a drag waiting.
const slow = new Set(['nearest', 'libraries', 'shake']);
const workers = new Map();
let next = 0;

function workerFor(method) {
  const name = slow.has(method) ? 'slow' : 'quick';
  let w = workers.get(name);
  if (w) return w;
  w = { worker: new Worker(document.querySelector('meta[name=zksim-worker]')?.content ?? 'worker.js'), waiting: new Map() };
  workers.set(name, w);
  w.worker.onmessage = ({ data }) => {
    const q = w.waiting.get(data.id);
    w.waiting.delete(data.id);
    if (!q) return;
    if (data.failed) q.reject(new Refused({ message: data.failed }));
    else q.resolve(JSON.parse(data.answer));
  };
  w.worker.onerror = (e) => {
    const failed = new Refused({ message: `The engine stopped: ${e.message || 'it could not be loaded'}. Reload the page.` });
    for (const q of w.waiting.values()) q.reject(failed);
    w.worker.terminate();
    workers.delete(name);
  };
  return w;
}

function inWorker(method, body) {
  return new Promise((resolve, reject) => {
    const w = workerFor(method);
    w.waiting.set(++next, { resolve, reject });
    w.worker.postMessage({ id: next, method, request: body });
  });
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks the engine. Rejects with Refused. */
export async function call(method, request = {}, { signal, keep = true } = {}) {
  const key = keyOf(method, request);
  const known = answers.get(key);
  if (known) {
    answers.delete(key);
    answers.set(key, known);
    return known;
  }
  if (frozen) throw new Refused({ message: 'This file holds one run. To change it, open its link with zksim serve.' });
  const body = JSON.stringify(request);
  let answer;
  for (let tries = 0; ; tries++) {
    answer = kind === 'wasm' ? await inWorker(method, body) : await overHTTP(method, body, signal);
    if (answer.error?.kind !== 'busy' || tries === 6) break;
    await pause(200 * 2 ** tries); // others are asking too
  }
  if (answer.error) throw new Refused(answer.error);
  if (keep) {
    answers.set(key, answer);
    if (answers.size > KEEP) answers.delete(answers.keys().next().value);
  }
  return answer;
}

/** The answers to some questions by their keys, for a file that must do without the engine. */
export async function gather(questions) {
  const all = {};
  for (const [method, request] of questions) {
    try {
      all[keyOf(method, request)] = await call(method, request);
    } catch {
      // What cannot be answered now is not in the file.
    }
  }
  return all;
}

/**
 * A caller of one method with at most one question on its way. A question that is
 * asked meanwhile waits, and a later one takes its place; whoever asked the one
 * that was dropped gets undefined.
 */
export function latest(method) {
  let busy = false, queued = null;
  async function go(request, resolve, reject) {
    busy = true;
    try {
      resolve(await call(method, request));
    } catch (e) {
      reject(e);
    }
    busy = false;
    if (queued) {
      const q = queued;
      queued = null;
      go(q.request, q.resolve, q.reject);
    }
  }
  return (request) =>
    new Promise((resolve, reject) => {
      if (!busy) return go(request, resolve, reject);
      queued?.resolve(undefined);
      queued = { request, resolve, reject };
    });
}
