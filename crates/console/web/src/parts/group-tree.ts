// All groups as a tree, with a filter that keeps the groups above what it finds.
import type { GroupResponse } from '@rosterd/client';
import { urlOf } from '../router.js';
import { t } from '../texts/index.js';
import { fill, h } from './h.js';

/** The groups below each group, by name; those without one above, or with one that is gone, under the empty text. */
export function children(groups: GroupResponse[]): Map<string, GroupResponse[]> {
  const known = new Set(groups.map((group) => group.id));
  const below = new Map<string, GroupResponse[]>();
  for (const group of groups.toSorted((a, b) => a.name.localeCompare(b.name))) {
    const parent = group.parent_group_id ?? '';
    const key = known.has(parent) ? parent : '';
    below.set(key, [...(below.get(key) ?? []), group]);
  }
  return below;
}

/** The ids of a group and of all groups below it. A ring, which another program may have stored, is walked once. */
export function lineBelow(groups: GroupResponse[], id: string): Set<string> {
  const below = children(groups);
  const found = new Set<string>();
  const visit = (one: string) => {
    if (found.has(one)) return;
    found.add(one);
    for (const child of below.get(one) ?? []) visit(child.id);
  };
  visit(id);
  return found;
}

/** The groups above one, the nearest first. */
export function lineAbove(groups: GroupResponse[], id: string): GroupResponse[] {
  const byId = new Map(groups.map((group) => [group.id, group]));
  const line: GroupResponse[] = [];
  let next = byId.get(id)?.parent_group_id;
  while (next) {
    const group = byId.get(next);
    if (!group || group.id === id || line.includes(group)) break;
    line.push(group);
    next = group.parent_group_id;
  }
  return line;
}

/** The tree as nested lists of links. */
export function groupTree(groups: GroupResponse[], current: string): HTMLElement {
  const below = children(groups);
  const filter = h('input', { type: 'search', 'aria-label': t('groups.filter'), placeholder: t('groups.filter') });
  const place = h('div');
  const draw = () => {
    const wanted = filter.value.trim().toLocaleLowerCase();
    const fits = (group: GroupResponse) => group.name.toLocaleLowerCase().includes(wanted);
    const seen = new Set<string>();
    const level = (key: string): HTMLElement | null => {
      const entries = (below.get(key) ?? []).flatMap((group) => {
        if (seen.has(group.id)) return [];
        seen.add(group.id);
        const inner = level(group.id);
        if (wanted && !fits(group) && !inner) return [];
        return [entry(group, current, inner)];
      });
      return entries.length ? h('ul', null, entries) : null;
    };
    const roots = level('');
    // What stands in a ring hangs on nothing. It is listed at the end, or nobody could mend it.
    const rest = groups.filter((group) => !seen.has(group.id) && (!wanted || fits(group)));
    fill(place, roots, rest.length > 0 && h('ul', null, rest.map((group) => entry(group, current, null))));
    if (!roots && rest.length === 0) fill(place, h('p', { class: 'fine' }, t('people.none')));
  };
  filter.addEventListener('input', draw);
  draw();
  return h('nav', { class: 'tree', 'aria-label': t('groups.tree') }, filter, place);
}

function entry(group: GroupResponse, current: string, inner: HTMLElement | null): HTMLElement {
  const link = h('a', { href: urlOf(`groups/${encodeURIComponent(group.id)}`), ...(group.id === current ? { 'aria-current': 'page' } : {}) }, h('span', null, group.name), h('span', { class: 'fine', title: t('groups.members', { n: group.member_count }) }, group.member_count));
  return h('li', null, link, inner);
}
