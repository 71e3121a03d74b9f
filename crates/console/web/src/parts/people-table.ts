// The table of people: who they are, what they are, and boxes to select them.
import type { UserGroupIdsModel } from '@rosterd/client';
import { urlOf } from '../router.js';
import { t, tOr } from '../texts/index.js';
import { avatar } from './avatar.js';
import { h, type Child } from './h.js';
import { keys, type Selection } from './selection.js';
import { when } from './time.js';

export interface Order {
  by: string;
  direction: 'asc' | 'desc';
}

export interface PeopleTable {
  element: HTMLElement;
  add(people: UserGroupIdsModel[]): void;
  /** Reads the marks of the boxes from the selection. */
  mark(): void;
  shown(): UserGroupIdsModel[];
}

/** Columns, the order that each stands for, and in which direction it begins. */
const COLUMNS = [
  { text: 'people.name', by: 'name', first: 'asc', narrow: true },
  { text: 'people.role', by: 'role', first: 'asc', narrow: true },
  { text: 'groups.title', by: null, first: 'asc', narrow: false },
  { text: 'people.active', by: 'last_active_at', first: 'desc', narrow: false },
  { text: 'people.created', by: 'created_at', first: 'desc', narrow: false },
] as const;

/** How many groups are named in a row. */
const NAMED = 2;

export function roleTag(role: string): HTMLElement {
  return h('span', { class: `tag role-${role}` }, tOr('role', role));
}

/** What somebody is, and whether they are shut out for a while. */
export function standing({ role, suspension }: Pick<UserGroupIdsModel, 'role' | 'suspension'>): Child {
  if (!suspension) return roleTag(role);
  return [roleTag(suspension.role), h('span', { class: 'tag bad', title: suspension.reason ?? '' }, t('suspend.suspended'))];
}

function heads(order: Order, sort: (order: Order) => void): HTMLElement[] {
  return COLUMNS.map((column) => {
    const props = column.narrow ? {} : { class: 'wide-only' };
    if (column.by === null) return h('th', { scope: 'col', ...props }, t(column.text));
    const current = order.by === column.by;
    const flipped = order.direction === 'asc' ? 'desc' : 'asc';
    const next: Order = { by: column.by, direction: current ? flipped : column.first };
    const sorted = current ? (order.direction === 'asc' ? 'ascending' : 'descending') : 'none';
    return h('th', { scope: 'col', 'aria-sort': sorted, ...props }, h('button', { type: 'button', class: 'sort', onclick: () => sort(next) }, t(column.text)));
  });
}

function row(person: UserGroupIdsModel, groups: Map<string, string>, box: HTMLInputElement): HTMLElement {
  const names = person.group_ids.map((id) => groups.get(id) ?? id);
  const more = names.length - NAMED;
  return h(
    'tr',
    null,
    h('td', { class: 'check' }, box),
    h(
      'td',
      null,
      h(
        'div',
        { class: 'who' },
        avatar(person),
        h('div', null, h('a', { href: urlOf(`people/${encodeURIComponent(person.id)}`) }, person.name), h('div', { class: 'fine' }, person.email)),
      ),
    ),
    h('td', null, standing(person)),
    h('td', { class: 'wide-only' }, names.slice(0, NAMED).map((name) => h('span', { class: 'tag' }, name)), more > 0 && h('span', { class: 'fine', title: names.slice(NAMED).join(', ') }, `+${more}`)),
    h('td', { class: 'wide-only' }, when(person.last_active_at)),
    h('td', { class: 'wide-only' }, when(person.created_at)),
  );
}

/** Makes the table, without rows. */
export function peopleTable(groups: Map<string, string>, order: Order, sort: (order: Order) => void, selection: Selection): PeopleTable {
  const people: UserGroupIdsModel[] = [];
  const boxes: HTMLInputElement[] = [];
  const body = h('tbody');
  const all = h('input', { type: 'checkbox', 'aria-label': t('people.selectAll') });
  const mark = () => {
    for (const [place, person] of people.entries()) {
      const box = boxes[place] as HTMLInputElement;
      box.checked = selection.has(person.id);
      box.closest('tr')?.classList.toggle('chosen', box.checked);
    }
    const chosen = boxes.filter((box) => box.checked).length;
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  };
  all.addEventListener('change', () => {
    if (all.checked) selection.add(people);
    else selection.drop(people.map((person) => person.id));
  });
  keys(body, () => boxes, (place, on, range) => selection.set(people, place, on, range));
  const table = h('table', { class: 'people', 'aria-label': t('people.table') }, h('thead', null, h('tr', null, h('th', { class: 'check', scope: 'col' }, all), heads(order, sort))), body);
  return {
    element: h('div', { class: 'scroll', tabIndex: 0, role: 'group', 'aria-label': t('people.table') }, table),
    add: (more) => {
      for (const person of more) {
        const box = h('input', { type: 'checkbox', 'aria-label': t('people.select', { name: person.name }) });
        people.push(person);
        boxes.push(box);
        body.append(row(person, groups, box));
      }
      mark();
    },
    mark,
    shown: () => people,
  };
}
