// Rights: which there are, what results from the defaults and groups, and a table of them to look at or to change.
import { t, tOr } from '../texts/index.js';
import { fill, h, type Child } from './h.js';

/** Sections with rights; a group may have any depth, the known ones have two. */
export type Tree = { [key: string]: boolean | Tree };

/** Whether a right is given in a tree. */
export function has(tree: Tree | null | undefined, section: string, right: string): boolean {
  const part = tree?.[section];
  return typeof part === 'object' && part[right] === true;
}

/** Every section and right of these trees, in the order in which they name them. */
export function rightsOf(...trees: (Tree | null | undefined)[]): Map<string, string[]> {
  const sections = new Map<string, string[]>();
  for (const tree of trees) {
    for (const [section, part] of Object.entries(tree ?? {})) {
      if (typeof part !== 'object' || part === null) continue;
      const rights = sections.get(section) ?? [];
      for (const [right, value] of Object.entries(part)) {
        if (typeof value === 'boolean' && !rights.includes(right)) rights.push(right);
      }
      sections.set(section, rights);
    }
  }
  return sections;
}

export interface Column {
  title: string;
  /** Whether it holds words, not marks. */
  text?: boolean;
  /** What stands in the column of a right. */
  cell(section: string, right: string): Child;
}

/** A mark for given or not, with its word for who cannot see it. */
export function mark(given: boolean): HTMLElement {
  return h('span', { class: given ? 'mark yes' : 'mark no' }, h('span', { 'aria-hidden': 'true' }, given ? '✓' : '–'), h('span', { class: 'unseen' }, t(given ? 'rights.yes' : 'rights.no')));
}

/** A box for a right that can be changed. */
export function box(label: string, checked: boolean, changed: (checked: boolean) => void): HTMLElement {
  const input = h('input', { type: 'checkbox', checked, 'aria-label': label });
  input.addEventListener('change', () => changed(input.checked));
  return input;
}

/** What a right is called: its name with spaces. The names are those of the chat application and of the API. */
export function rightName(right: string): string {
  const words = right.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const kind = (column: Column) => (column.text ? 'text' : null);

/** A table of rights by section, with a filter. */
export function rightsTable(sections: Map<string, string[]>, columns: Column[], given: (section: string, right: string) => boolean): HTMLElement {
  const filter = h('input', { type: 'search', 'aria-label': t('rights.filter'), placeholder: t('rights.filter') });
  const only = h('input', { type: 'checkbox' });
  const bodies = [...sections].filter(([, rights]) => rights.length).map(([section, rights]) => {
    const rows = rights.map((right) => {
      const row = h('tr', null, h('th', { scope: 'row' }, rightName(right), h('div', { class: 'fine' }, `${section}.${right}`)), columns.map((column) => h('td', { class: kind(column) }, column.cell(section, right))));
      return { right, row };
    });
    const head = h('tr', { class: 'section' }, h('th', { scope: 'rowgroup', colspan: columns.length + 1 }, tOr('rights.section', section)));
    return { section, rows, element: h('tbody', null, head, rows.map(({ row }) => row)) };
  });
  const sieve = () => {
    const wanted = filter.value.trim().toLowerCase().replaceAll(' ', '_');
    for (const { section, rows, element } of bodies) {
      for (const { right, row } of rows) {
        row.hidden = !`${section}.${right}`.includes(wanted) || (only.checked && !given(section, right));
      }
      element.hidden = rows.every(({ row }) => row.hidden);
    }
  };
  filter.addEventListener('input', sieve);
  only.addEventListener('change', sieve);
  const table = h('table', { class: 'rights' }, h('thead', null, h('tr', null, h('th', { scope: 'col' }, t('rights.right')), columns.map((column) => h('th', { scope: 'col', class: kind(column) }, column.title)))));
  fill(table, table.firstElementChild, bodies.map(({ element }) => element));
  return h(
    'div',
    null,
    h('div', { class: 'bar' }, filter, h('label', { class: 'inline' }, only, t('rights.onlyGiven'))),
    h('div', { class: 'scroll tall', tabIndex: 0, role: 'group', 'aria-label': t('groups.rights') }, table),
  );
}
