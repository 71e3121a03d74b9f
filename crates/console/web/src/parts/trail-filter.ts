// The filter of the trail, and how it is written in the URL.
import type { GetAuditEventsData } from '@rosterd/client';
import { t, type Key } from '../texts/index.js';
import { h } from './h.js';
import { startOfDay } from './time.js';

export type TrailQuery = NonNullable<GetAuditEventsData['query']>;

const NAMES = ['action', 'actor', 'subject', 'from', 'to', 'client_ip', 'request_id'] as const;
export type TrailFilter = Record<(typeof NAMES)[number], string>;

const LABELS: Record<(typeof NAMES)[number], Key> = {
  action: 'trail.action',
  actor: 'trail.actor',
  subject: 'trail.subject',
  from: 'trail.from',
  to: 'trail.to',
  client_ip: 'trail.ip',
  request_id: 'trail.request',
};

/** Actions that are offered. Others can be typed. */
const ACTIONS = [
  'user.*', 'user.created', 'user.updated', 'user.role_changed', 'user.primary_changed', 'user.password_changed', 'user.suspended',
  'user.resumed', 'user.invited', 'user.invite_accepted', 'user.reset_link_made', 'user.password_reset',
  'user.confirm_link_made', 'user.email_confirmed', 'user.deleted',
  'user.restored', 'user.purged', 'user.sessions_ended', 'group.*', 'group.created', 'group.updated',
  'group.deleted', 'group.member_added', 'group.member_removed', 'session.*', 'session.started', 'session.ended', 'sign_in.*',
  'sign_in.new', 'sign_in.failed', 'api_key.*', 'webhook.*', 'scim.*', 'config.changed', 'permissions.default_changed', 'call.refused',
  'audit.erased', 'setup.failed', 'database.restored', 'database.migrated',
];

export function readTrail(query: URLSearchParams): TrailFilter {
  return Object.fromEntries(NAMES.map((name) => [name, query.get(name) ?? ''])) as TrailFilter;
}

export function writeTrail(filter: TrailFilter): URLSearchParams {
  return new URLSearchParams(NAMES.filter((name) => filter[name]).map((name) => [name, filter[name]]));
}

/** The filter for the API. A day ends where the next one begins. */
export function trailQuery(filter: TrailFilter): TrailQuery {
  const from = startOfDay(filter.from);
  const to = startOfDay(filter.to, 1);
  const texts = (['action', 'actor', 'subject', 'client_ip', 'request_id'] as const).filter((name) => filter[name]);
  return {
    ...Object.fromEntries(texts.map((name) => [name, filter[name]])),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
}

/** Whether an event that has just happened fits. */
export function fits(filter: TrailFilter, event: { action: string; at: number; actor: { id: string | null }; subject: { id: string | null } | null; client_ip: string | null; request_id: string | null }): boolean {
  const { from, to } = trailQuery(filter);
  const action = filter.action.endsWith('.*') ? event.action.startsWith(filter.action.slice(0, -1)) : !filter.action || event.action === filter.action;
  return (
    action &&
    (!filter.actor || event.actor.id === filter.actor) &&
    (!filter.subject || event.subject?.id === filter.subject) &&
    (!filter.client_ip || event.client_ip === filter.client_ip) &&
    (!filter.request_id || event.request_id === filter.request_id) &&
    (from === undefined || event.at >= Number(from)) &&
    (to === undefined || event.at < Number(to))
  );
}

/** The form of the filter. */
export function trailForm(filter: TrailFilter, changed: (filter: TrailFilter) => void): HTMLElement {
  const fields = NAMES.map((name) => {
    const date = name === 'from' || name === 'to';
    const input = h('input', { name, type: date ? 'date' : 'text', value: filter[name], autocomplete: 'off', spellcheck: false, ...(name === 'action' ? { list: 'actions', placeholder: t('trail.action.hint') } : {}) });
    return { name, input, element: h('label', { class: 'field' }, t(LABELS[name]), input) };
  });
  const read = () => Object.fromEntries(fields.map(({ name, input }) => [name, input.value.trim()])) as TrailFilter;
  const clear = () => {
    for (const { input } of fields) input.value = '';
    changed(read());
  };
  return h(
    'form',
    {
      class: 'filter-form',
      role: 'search',
      onsubmit: (event: SubmitEvent) => {
        event.preventDefault();
        changed(read());
      },
    },
    h('datalist', { id: 'actions' }, ACTIONS.map((action) => h('option', { value: action }))),
    fields.map(({ element }) => element),
    h('div', { class: 'actions' }, h('button', { type: 'button', class: 'quiet', onclick: clear }, t('people.clear')), h('button', { class: 'primary' }, t('trail.apply'))),
  );
}
