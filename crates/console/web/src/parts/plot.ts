// Two counts for each day, as bars and a line, and the same as a table.
import { locale, t } from '../texts/index.js';
import { fill, h, s } from './h.js';
import { number } from './time.js';

export interface DayCount {
  /** The first moment of the day, in milliseconds. */
  day: number;
  signIns: number;
  people: number;
}

/** Sizes in CSS pixels: the drawing is made as wide as its place, so that its letters are as large as all others. */
const HEIGHT = 190;
const BELOW = 24;
const LETTER = 8;
/** So much room has the name of a day. */
const NAME = 64;

/** A number above the highest that is easy to read: 1, 2 or 5 with zeros. */
function ceiling(most: number): number {
  const zeros = 10 ** Math.floor(Math.log10(Math.max(most, 1)));
  return [1, 2, 5, 10].map((step) => step * zeros).find((value) => value >= most) ?? most;
}

const format = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });

function draw(days: DayCount[], width: number): SVGSVGElement {
  const top = ceiling(Math.max(1, ...days.map((day) => Math.max(day.signIns, day.people))));
  const left = number(top).length * LETTER + 8;
  const height = HEIGHT - BELOW;
  const step = (width - left) / Math.max(days.length, 1);
  const yOf = (value: number) => height - (value / top) * (height - 12);
  const bars = days.map((day, place) => {
    const y = yOf(day.signIns);
    const bar = s('rect', { x: left + place * step + step * 0.15, y, width: step * 0.7, height: Math.max(height - y, 0), rx: 2, class: 'bar-signins' });
    bar.append(s('title', {}, `${format.format(day.day)}: ${t('trail.plot.signIns')} ${number(day.signIns)}, ${t('trail.plot.people')} ${number(day.people)}`));
    return bar;
  });
  const points = days.map((day, place) => `${left + (place + 0.5) * step},${yOf(day.people)}`).join(' ');
  // The last day has its name, and from there every so many days.
  const every = Math.max(1, Math.ceil(NAME / step));
  const names = days.map((day, place) => {
    const before = days.length - 1 - place;
    const x = before === 0 ? width : left + (place + 0.5) * step;
    if (before % every !== 0 || x < left + NAME / 2) return null;
    return s('text', { x, y: HEIGHT - 5, class: 'axis', 'text-anchor': before === 0 ? 'end' : 'middle' }, format.format(day.day));
  });
  const lines = [0, top / 2, top].filter((value) => Number.isInteger(value)).map((value) => [
    s('line', { x1: left, x2: width, y1: yOf(value), y2: yOf(value), class: 'grid' }),
    s('text', { x: left - 6, y: yOf(value) + 4, class: 'axis', 'text-anchor': 'end' }, number(value)),
  ]);
  return s('svg', { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, role: 'img', 'aria-label': t('trail.plot'), class: 'plot' }, lines, bars, s('polyline', { points, class: 'line-people' }), names);
}

/** Sign-ins and active people a day. */
export function plot(days: DayCount[]): HTMLElement {
  const place = h('div', { class: 'plot-place' });
  let drawn = 0;
  new ResizeObserver(() => {
    const width = place.clientWidth;
    if (width === drawn || width === 0) return;
    drawn = width;
    fill(place, draw(days, width));
  }).observe(place);
  const rows = days.map((day) => h('tr', null, h('th', { scope: 'row' }, format.format(day.day)), h('td', null, number(day.signIns)), h('td', null, number(day.people))));
  const head = h('tr', null, h('th', { scope: 'col' }, t('trail.plot.day')), h('th', { scope: 'col' }, t('trail.plot.signIns')), h('th', { scope: 'col' }, t('trail.plot.people')));
  return h(
    'figure',
    null,
    place,
    h('figcaption', { class: 'legend' }, h('span', { class: 'key signins' }, t('trail.plot.signIns')), h('span', { class: 'key people' }, t('trail.plot.people'))),
    h('details', { class: 'more' }, h('summary', null, t('trail.plot.table')), h('div', { class: 'scroll' }, h('table', null, h('thead', null, head), h('tbody', null, rows)))),
  );
}
