// Export: the page as one file that needs nothing else, the figure as SVG, the
// scenario, and the timeline in every form that the command line writes.

import { h, fill } from 'zksim/svg';
import { call, gather } from 'zksim/engine';
import { request, link, state } from 'zksim/state';
import { run } from 'zksim/run';
import { asking } from 'zksim/stage';
import { subject } from 'zksim/why';
import { complain, calm } from 'zksim/trouble';

const dialog = document.getElementById('export');
const opener = document.getElementById('export-open');

const forms = [
  ['html', 'One HTML file', 'This page with this run. Opens anywhere, without a server and without a network.', page],
  ['svg', 'SVG', 'The figure as it is, light and dark.', figure],
  ['yaml', 'YAML', 'The scenario with all changes, for zksim run.', () => timeline('yaml')],
  ['jsonl', 'JSON Lines', 'Every record of the run, as zksim run --format jsonl writes it.', () => timeline('jsonl')],
  ['text', 'Text', 'The picture, the table of instants and the intervals, as zksim run prints them.', () => timeline('text')],
  ['mermaid', 'Mermaid', 'A sequence diagram for a README.', () => timeline('mermaid')],
  ['csv', 'CSV', 'One record a row.', () => timeline('csv')],
];

fill(
  dialog,
  h('h2', { id: 'export-title' }, 'Export this run'),
  h('ul', { class: 'forms' }, forms.map(([id, name, words, make]) => h('li', {}, h('button', { class: 'btn', type: 'button', data: { form: id }, click: () => save(make) }, name), h('span', {}, words)))),
  h('p', { class: 'fine', id: 'export-command' }),
  h('div', { class: 'editor-buttons' }, h('button', { class: 'btn', type: 'button', click: () => dialog.close() }, 'Close')),
);
opener.addEventListener('click', () => {
  const hidden = asking() || !run.result;
  for (const b of dialog.querySelectorAll('[data-form]')) b.disabled = hidden;
  document.getElementById('export-command').textContent = hidden ? 'After your guess: the run would tell.' : run.result.command ? `On the command line: ${run.result.command}` : '';
  dialog.showModal();
});
dialog.addEventListener('click', (e) => e.target === dialog && dialog.close());

async function save(make) {
  try {
    const { name, media, blob, text, base64 } = await make();
    const bytes = base64 ? Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)) : text;
    const a = h('a', { href: URL.createObjectURL(blob ?? new Blob([bytes], { type: media })), download: name });
    a.click();
    setTimeout(() => URL.revokeObjectURL(a.href), 10_000);
    calm('export');
    dialog.close();
  } catch (e) {
    dialog.close();
    complain(e, 'This cannot be exported.', 'export');
  }
}

const timeline = (format) => call('timeline', request({ format }), { keep: false });

const baseName = () => (state.yaml ? /^name:\s*([\w-]+)/m.exec(run.result.yaml)?.[1] : state.scenario) || 'scenario';

/** Rules of the style sheet that figures need, and the values of both colour schemes. */
function figureStyle() {
  const sheet = [...document.styleSheets].find((q) => q.ownerNode);
  const keep = [];
  for (const r of sheet.cssRules) {
    if (r.selectorText === ':root' || r.selectorText?.startsWith('.fig')) keep.push(r.cssText);
    else if (r.media && /color-scheme/.test(r.conditionText ?? r.media.mediaText)) keep.push(r.cssText);
  }
  return keep.join('\n').replaceAll('.fig ', 'svg ');
}

/** The figure on the stage, on its own. */
export function standalone() {
  const svg = document.querySelector('#stage > svg').cloneNode(true);
  for (const e of svg.querySelectorAll('.grips, .cursor, .touch')) e.remove();
  for (const e of svg.querySelectorAll('[tabindex]')) {
    e.removeAttribute('tabindex');
    e.removeAttribute('role');
  }
  const [, , w, hgt] = svg.getAttribute('viewBox').split(' ').map(Number);
  const margin = 16;
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  svg.setAttribute('width', w + 2 * margin + 44);
  svg.setAttribute('height', hgt + 2 * margin);
  svg.setAttribute('viewBox', `${-margin} ${-margin} ${w + 2 * margin + 44} ${hgt + 2 * margin}`);
  svg.setAttribute('role', 'img');
  const style = document.createElementNS('http://www.w3.org/2000/svg', 'style');
  style.textContent = figureStyle();
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  for (const [k, v] of Object.entries({ x: -margin, y: -margin, width: '100%', height: '100%', fill: 'var(--bg)' })) ground.setAttribute(k, v);
  const defs = document.getElementById('patterns').cloneNode(true);
  svg.prepend(style, defs, ground);
  return new XMLSerializer().serializeToString(svg);
}

async function figure() {
  return { name: `${baseName()}.svg`, media: 'image/svg+xml', text: standalone() };
}

const encoded = (words) => {
  const bytes = new TextEncoder().encode(words);
  let out = '';
  for (let i = 0; i < bytes.length; i += 0x8000) out += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(out);
};

/** Whatever the questions of this state are, with their answers. */
async function answers() {
  const r = run.result;
  const asked = request();
  const p = r.picture;
  const records = new Set([subject(p), state.why, ...p.instants.map((i) => i.record), ...(p.attempts ?? []).map((a) => a.record), ...(p.touches ?? []).map((t) => t.record)].filter(Boolean));
  const questions = [['run', request({ records: true })], ['libraries', asked], ['nearest', asked], ...[...records].map((record) => ['why', request({ record })])];
  const all = await gather(questions);
  const rules = new Set();
  for (const a of Object.values(all)) for (const q of a.steps ?? []) if (q.rule) for (const id of q.rule.split(/[\s,]+/)) rules.add(id);
  for (const i of p.instants) if (i.rule) for (const id of i.rule.split(/[\s,]+/)) rules.add(id);
  return { ...all, ...(await gather([...rules].map((id) => ['rule', { id }]))) };
}

/** The page with its parts inside of it, its modules as data: addresses. */
async function page() {
  const get = async (name) => (await fetch(name)).text();
  const source = document.documentElement.dataset.source ?? 'index.html';
  const doc = new DOMParser().parseFromString(await get(source), 'text/html');
  const map = doc.querySelector('script[type=importmap]');
  const { imports } = JSON.parse(map.textContent);
  for (const name of Object.keys(imports)) imports[name] = `data:text/javascript;base64,${encoded(await get(imports[name]))}`;
  map.textContent = JSON.stringify({ imports });
  // The style goes in as text: a style element would be held against the policy of this page.
  const style = await get('style.css');
  doc.querySelector('link[rel=stylesheet]').replaceWith(doc.createComment('style'));
  doc.querySelector('link[rel=icon]')?.setAttribute('href', `data:image/svg+xml;base64,${encoded(await get('icon.svg'))}`);
  const main = doc.querySelector('script[type=module]');
  main.removeAttribute('src');
  main.textContent = "import 'zksim/main';";
  for (const m of doc.querySelectorAll('meta[http-equiv]')) m.remove(); // the policy of a page whose parts are apart
  doc.querySelector('meta[name=zksim-engine]').setAttribute('content', 'frozen');
  const meta = (name, content) => {
    const m = doc.createElement('meta');
    m.setAttribute('name', name);
    m.setAttribute('content', content);
    doc.head.append(m);
  };
  meta('zksim-link', await link());
  meta('zksim-from', location.href.replace(/#.*$/, ''));
  const data = doc.createElement('script');
  data.type = 'application/json';
  data.id = 'zksim-answers';
  data.textContent = JSON.stringify(await answers()).replaceAll('<', '\\u003c');
  doc.head.insertBefore(data, map);
  return { name: `${baseName()}.html`, media: 'text/html', text: `<!doctype html>\n${doc.documentElement.outerHTML.replace('<!--style-->', () => `<style>\n${style}</style>`)}` };
}
