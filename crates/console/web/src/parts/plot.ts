// Two counts for each day, as bars and a line, and the same as a table.
import { language, t } from '../texts/index.js';
import { h, s } from './h.js';
import { number } from './time.js';

export interface DayCount {
  /** The first moment of the day, in milliseconds. */
  day: number;
  signIns: number;
  people: number;
}

const WIDTH = 720;
const HEIGHT = 150;
const BELOW = 20;
const LEFT = 34;

/** A number above the highest that is easy to read: 1, 2 or 5 with zeros. */
function ceiling(most: number): number {
  const zeros = 10 ** Math.floor(Math.log10(Math.max(most, 1)));
  return [1, 2, 5, 10].map((step) => step * zeros).find((value) => value >= most) ?? most;
}

/** Sign-ins and active people a day. */
export function plot(days: DayCount[]): HTMLElement {
  const format = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short' });
  const top = ceiling(Math.max(1, ...days.map((day) => Math.max(day.signIns, day.people))));
  const height = HEIGHT - BELOW;
  const step = (WIDTH - LEFT) / Math.max(days.length, 1);
  const yOf = (value: number) => height - (value / top) * (height - 8);
  const bars = days.map((day, place) => {
    const y = yOf(day.signIns);
    const bar = s('rect', { x: LEFT + place * step + step * 0.15, y, width: step * 0.7, height: Math.max(height - y, 0), rx: 2, class: 'bar-signins' });
    bar.append(s('title', {}, `${format.format(day.day)}: ${t('trail.plot.signIns')} ${number(day.signIns)}, ${t('trail.plot.people')} ${number(day.people)}`));
    return bar;
  });
  const points = days.map((day, place) => `${LEFT + (place + 0.5) * step},${yOf(day.people)}`).join(' ');
  const every = Math.max(1, Math.ceil(days.length / 8));
  const labels = days.map((day, place) => (place % every === 0 ? s('text', { x: LEFT + (place + 0.5) * step, y: HEIGHT - 4, class: 'axis', 'text-anchor': 'middle' }, format.format(day.day)) : null));
  const lines = [0, top / 2, top].filter((value) => Number.isInteger(value)).map((value) => [
    s('line', { x1: LEFT, x2: WIDTH, y1: yOf(value), y2: yOf(value), class: 'grid' }),
    s('text', { x: LEFT - 6, y: yOf(value) + 4, class: 'axis', 'text-anchor': 'end' }, number(value)),
  ]);
  const picture = s('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': t('trail.plot'), class: 'plot' }, lines, bars, s('polyline', { points, class: 'line-people' }), labels);
  const rows = days.map((day) => h('tr', null, h('th', { scope: 'row' }, format.format(day.day)), h('td', null, number(day.signIns)), h('td', null, number(day.people))));
  const head = h('tr', null, h('th', { scope: 'col' }, t('trail.plot.day')), h('th', { scope: 'col' }, t('trail.plot.signIns')), h('th', { scope: 'col' }, t('trail.plot.people')));
  return h(
    'figure',
    null,
    picture,
    h('figcaption', { class: 'legend' }, h('span', { class: 'key signins' }, t('trail.plot.signIns')), h('span', { class: 'key people' }, t('trail.plot.people'))),
    h('details', { class: 'more' }, h('summary', null, t('trail.plot.table')), h('div', { class: 'scroll' }, h('table', null, h('thead', null, head), h('tbody', null, rows)))),
  );
}
