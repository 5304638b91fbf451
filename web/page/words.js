// Numbers and words as they are shown: seconds with three decimals, a true minus,
// and no break between a number and its unit.

const NBSP = '\u00a0';

/** Whole milliseconds of an instant, as it is printed. */
export const ms = (ns) => (Math.sign(ns) * Math.round(Math.abs(ns) / 1e6)) || 0; // half away from zero, as the engine does

/** An instant or a length in ns as seconds: −1.936 */
export function seconds(ns) {
  return milliseconds(ms(ns));
}

/** Whole milliseconds as seconds. */
export function milliseconds(n) {
  return (n / 1000 || 0).toFixed(3).replace('-', '−');
}

/** The same with its unit. */
export const secondsUnit = (ns) => seconds(ns) + NBSP + 's';

/** A length as one would write it: 10 s, 0.5 s, 16.592 s. */
export function brief(ns) {
  return String(ms(ns) / 1000).replace('-', '−') + NBSP + 's';
}

/** A duration as a scenario takes it, in whole milliseconds: 16592ms. */
export const duration = (ns) => `${ms(ns)}ms`;

/** Keeps numbers and their units together in a sentence. */
export function tie(sentence) {
  return sentence.replace(/(\d) (s|ms|%|min|h)(?=[^\p{L}]|$)/gu, `$1${NBSP}$2`);
}

export const capital = (words) => (words ? words[0].toUpperCase() + words.slice(1) : words);

/** 1 run, 2 runs */
export const count = (n, one, many = one + 's') => `${n} ${n === 1 ? one : many}`;

/** Inverse of what a person types as seconds: "10", "10 s", "2.5s", "800ms". */
export function readSeconds(words) {
  const m = /^\s*(\d+(?:[.,]\d+)?)\s*(ms|s|)\s*$/.exec(words);
  if (!m) return null;
  const n = Number(m[1].replace(',', '.'));
  return Math.round(m[2] === 'ms' ? n * 1e6 : n * 1e9);
}
