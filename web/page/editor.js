// The scenario as text. What is wrong with it is said with its place, and the run
// that was shown stays.

import { h, fill } from 'zksim/svg';
import { state, on, change } from 'zksim/state';
import { onResult, run } from 'zksim/run';
import { asking } from 'zksim/stage';
import { onTrouble } from 'zksim/trouble';

const MOST = 256 << 10;
const section = document.getElementById('editor');
const area = h('textarea', { id: 'yaml', spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off', rows: 22, 'aria-label': 'Scenario in YAML', 'aria-describedby': 'yaml-error' });
const said = h('p', { id: 'yaml-error', class: 'yaml-error', role: 'status' });
const file = h('input', { type: 'file', accept: '.yaml,.yml,text/yaml', class: 'vh', tabindex: '-1', 'aria-hidden': 'true' });
const box = h(
  'details',
  { class: 'editor', id: 'editor-box', toggle: () => box.open && refresh() },
  h('summary', { id: 'editor-title' }, 'The scenario as text'),
  h('p', { class: 'sub' }, 'Everything above is this text, and everything in it can be changed. zksim run plays the same file.'),
  area,
  said,
  h(
    'div',
    { class: 'editor-buttons' },
    h('button', { class: 'btn main', type: 'button', id: 'yaml-play', click: play }, 'Play this'),
    h('button', { class: 'btn', type: 'button', click: () => refresh(true) }, 'Take changes back'),
    h('button', { class: 'btn', type: 'button', click: () => file.click() }, 'Open a file …'),
    file,
  ),
);
fill(section, box);

let touched = false;
area.addEventListener('input', () => (touched = true));
area.addEventListener('keydown', (e) => {
  if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) {
    e.preventDefault();
    play();
  }
});
area.addEventListener('dragover', (e) => e.preventDefault());
area.addEventListener('drop', (e) => {
  const [f] = e.dataTransfer.files;
  if (!f) return;
  e.preventDefault();
  read(f);
});
file.addEventListener('change', () => file.files[0] && read(file.files[0]));

async function read(f) {
  file.value = '';
  if (f.size > MOST) return say(`${f.name} has ${(f.size / 1024).toFixed(0)} kB; a scenario has at most ${MOST / 1024} kB.`);
  const words = await f.text();
  if (/[\u0000\ufffd]/.test(words)) return say(`${f.name} is no text; want a scenario in YAML.`);
  area.value = words;
  touched = true;
  play();
}

function say(words) {
  said.textContent = words;
}

function play() {
  const words = area.value;
  if (!words.trim()) return say('There is no text; want a scenario in YAML.');
  if (new Blob([words]).size > MOST) return say(`The text is larger than ${MOST / 1024} kB.`);
  say('');
  // A scenario of one line would be taken for a name.
  change({ yaml: words.endsWith('\n') ? words : words + '\n', set: {}, add: [], seed: '', run: 0, client: '', at: null, guess: null, ask: false, why: 0, fork: null, lesson: '' });
}

function refresh(force) {
  if (!run.result || (touched && !force)) return;
  area.value = run.result.yaml ?? '';
  touched = false;
  say('');
}

/** Shows where it is, and puts the caret there. */
function goTo(line, column) {
  const lines = area.value.split('\n');
  if (line < 1 || line > lines.length) return;
  const start = lines.slice(0, line - 1).reduce((n, l) => n + l.length + 1, 0);
  area.focus();
  area.setSelectionRange(start + Math.max(column - 1, 0), start + lines[line - 1].length);
  area.scrollTop = ((line - 4) / lines.length) * area.scrollHeight;
}

onTrouble((source, error) => {
  if (source !== 'run') return;
  if (!error) return say('');
  say(error.message);
  if (state.yaml && error.line) {
    if (!touched && area.value !== state.yaml) area.value = state.yaml;
    box.open = true;
    goTo(error.line, error.column);
  }
});

onResult(() => {
  section.hidden = asking();
  // A text that was refused stays, whatever is drawn again.
  if (state.yaml && area.value === state.yaml && run.asked.scenario === state.yaml) touched = false;
  if (box.open) refresh();
});
on('ask guess', () => (section.hidden = asking()));
on('scenario', () => (touched = false));
