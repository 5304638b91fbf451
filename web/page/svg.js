// Elements, made without ever parsing text as markup: whatever a scenario's
// author wrote stays text. Styles go through the CSSOM, which the content
// security policy allows; a style attribute it would refuse.

const SVG = 'http://www.w3.org/2000/svg';

function make(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value == null || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (name === 'data') Object.assign(element.dataset, value);
    else if (name === 'style') for (const [k, v] of Object.entries(value)) element.style.setProperty(k, v);
    else element.setAttribute(name, value === true ? '' : value);
  }
  put(element, children);
  return element;
}

function put(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child == null || child === false || child === '') continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

/** An SVG element. Attributes that are functions become listeners. */
export function s(tag, attributes, ...children) {
  return make(document.createElementNS(SVG, tag), attributes, children);
}

/** An HTML element. */
export function h(tag, attributes, ...children) {
  return make(document.createElement(tag), attributes, children);
}

/** Replaces what is inside an element. */
export function fill(element, ...children) {
  element.replaceChildren();
  put(element, children);
  return element;
}

/** Text in a figure. */
export function text(x, y, words, attributes) {
  return s('text', { x: round(x), y: round(y), ...attributes }, words);
}

/** A path from pieces of its description. */
export function path(d, attributes) {
  return s('path', { d, fill: 'none', ...attributes });
}

export const round = (x) => Math.round(x * 10) / 10;

// Widths are those of the font that is really there, asked once for each text.
const context = document.createElement('canvas').getContext('2d');
const widths = new Map();

/** The width of words in pixels. */
export function width(words, size = 13, weight = 400) {
  const key = `${size}/${weight}/${words}`;
  let w = widths.get(key);
  if (w == null) {
    context.font = `${weight} ${size}px ${getComputedStyle(document.body).fontFamily}`;
    w = context.measureText(words).width * 1.015;
    if (widths.size > 4000) widths.clear();
    widths.set(key, w);
  }
  return w;
}

document.fonts?.ready.then(() => widths.clear());
