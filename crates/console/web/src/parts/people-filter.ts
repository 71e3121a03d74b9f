// The filter of the list of people, and how it is written in the URL.
import type { GetUsersData, GroupResponse } from '@rosterd/client';
import { t, type Key } from '../texts/index.js';
import { h } from './h.js';
import type { Order } from './people-table.js';

export type Query = NonNullable<GetUsersData['query']>;

const DAY = 86_400;
const ROLES = ['admin', 'user', 'pending'] as const;
const STATUSES = ['active', 'suspended'] as const;

/** Days since the last activity; below zero: not for so many. */
const ACTIVE = ['1', '7', '30', '-30', '-90', '-365'] as const;

type Choice = 'role' | 'status' | 'group' | 'active';

export interface Filter {
  query: string;
  role: string;
  status: string;
  group: string;
  active: string;
  order: Order;
}

/** The filter that a URL names. What it does not know is left out. */
export function readFilter(query: URLSearchParams): Filter {
  const known = (name: string, values: readonly string[]) => {
    const value = query.get(name) ?? '';
    return values.includes(value) ? value : '';
  };
  return {
    query: query.get('query') ?? '',
    role: known('role', ROLES),
    status: known('status', STATUSES),
    group: query.get('group') ?? '',
    active: known('active', ACTIVE),
    order: {
      by: known('by', ['name', 'email', 'role', 'last_active_at', 'updated_at']) || 'created_at',
      direction: query.get('direction') === 'asc' ? 'asc' : 'desc',
    },
  };
}

/** The filter for a URL. What is as it is without a filter is left out. */
export function writeFilter(filter: Filter): URLSearchParams {
  const query = new URLSearchParams();
  for (const name of ['query', 'role', 'status', 'group', 'active'] as const) {
    if (filter[name]) query.set(name, filter[name]);
  }
  if (filter.order.by !== 'created_at') query.set('by', filter.order.by);
  if (filter.order.direction !== 'desc') query.set('direction', filter.order.direction);
  return query;
}

export function isFiltered(filter: Filter): boolean {
  return Boolean(filter.query || filter.role || filter.status || filter.group || filter.active);
}

/** The same for the API. */
export function toQuery(filter: Filter, now = Date.now() / 1000): Query {
  const days = Number(filter.active || 0);
  const since = Math.floor(now - Math.abs(days) * DAY);
  return {
    order_by: filter.order.by,
    direction: filter.order.direction,
    ...(filter.query ? { query: filter.query } : {}),
    ...(filter.role ? { role: filter.role as 'admin' } : {}),
    ...(filter.status ? { status: filter.status as 'active' } : {}),
    ...(filter.group ? { group_id: filter.group } : {}),
    ...(days > 0 ? { active_since: since } : {}),
    ...(days < 0 ? { inactive_since: since } : {}),
  };
}

/** The fields of the filter. `changed` is called with each change; while somebody types, a moment later. */
export function filterFields(filter: Filter, groups: GroupResponse[], changed: (filter: Filter) => void): HTMLElement {
  const now = { ...filter };
  const set = (name: 'query' | Choice, value: string) => {
    now[name] = value;
    changed({ ...now });
  };
  const search = h('input', { type: 'search', value: filter.query, placeholder: t('people.search'), 'aria-label': t('people.search'), class: 'grow' });
  let wait = 0;
  search.addEventListener('input', () => {
    clearTimeout(wait);
    wait = window.setTimeout(() => set('query', search.value.trim()), 250);
  });
  const choice = (name: Choice, label: Key, options: [string, string][]) => {
    const select = h('select', null, h('option', { value: '' }, t('people.any')), options.map(([value, text]) => h('option', { value }, text)));
    select.value = filter[name];
    select.addEventListener('change', () => set(name, select.value));
    return h('label', { class: 'inline' }, h('span', null, t(label)), select);
  };
  return h(
    'div',
    { class: 'bar', role: 'search' },
    search,
    choice('role', 'people.role', ROLES.map((role) => [role, t(`role.${role}`)])),
    choice('status', 'people.status', STATUSES.map((status) => [status, t(`people.status.${status}`)])),
    choice('group', 'people.group', groups.map((group) => [group.id, group.name])),
    choice('active', 'people.active', ACTIVE.map((days) => [days, t(`people.active.${days}`)])),
  );
}
