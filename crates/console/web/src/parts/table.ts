// A table whose rows become blocks on a phone: then each cell says what it is.
import { h, type Child } from './h.js';

/**
 * The first cell names its row, the last one has no head and holds what can be done with it; `null` where there is nothing.
 * The roles are said, since a table that is shown as blocks is none for every browser.
 */
export function table(label: string, heads: string[], rows: Child[][]): HTMLElement {
  const head = heads.map((name) => h('th', { scope: 'col', role: 'columnheader' }, name));
  const withEnd = rows.some((row) => row.length > heads.length);
  const cell = (content: Child, place: number) => {
    if (place >= heads.length) return h('td', { role: 'cell', class: 'end' }, content);
    return h('td', { role: 'cell', ...(place > 0 ? { 'data-label': heads[place] } : {}) }, place > 0 ? h('div', null, content) : content);
  };
  return h(
    'div',
    { class: 'scroll', tabIndex: 0, role: 'group', 'aria-label': label },
    h(
      'table',
      { class: 'stack', role: 'table', 'aria-label': label },
      h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, head, withEnd && h('td', { role: 'cell' }))),
      h('tbody', { role: 'rowgroup' }, rows.map((row) => h('tr', { role: 'row' }, row.map(cell)))),
    ),
  );
}
