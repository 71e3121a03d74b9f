// Events of the trail: one as a row, and a list that grows.
import { getAuditEvents, type AuditEvent, type EventPage, type GetAuditEventsData } from '@rosterd/client';
import { call, client } from '../api.js';
import { urlOf } from '../router.js';
import { t } from '../texts/index.js';
import { h, type Child } from './h.js';
import { pagedList } from './paged.js';
import { empty } from './states.js';
import { ago, moment } from './time.js';

/** A page of the trail. Only with `format=ocsf`, which is not asked for, it has another shape. */
export async function readEvents(query: NonNullable<GetAuditEventsData['query']>): Promise<EventPage> {
  return (await call(() => getAuditEvents({ client, query }))) as EventPage;
}

/** Where more can be read about whom an event names. */
function linkTo(kind: string, id: string, text: string): Child {
  if (kind === 'user' || kind === 'account') return h('a', { href: urlOf(`people/${encodeURIComponent(id)}`) }, text);
  if (kind === 'group') return h('a', { href: urlOf(`groups/${encodeURIComponent(id)}`) }, text);
  if (kind === 'scim' || kind === 'connection') return h('a', { href: urlOf(`connections/${encodeURIComponent(id)}`) }, text);
  return text;
}

const short = (id: string) => (id.length > 13 ? `${id.slice(0, 8)}…` : id);

/** Who did it. The log keeps ids of actors and no names. */
export function actorOf(event: AuditEvent, linked: boolean): Child {
  const { kind, id, via } = event.actor;
  const name = id ? (linked ? linkTo(kind, id, short(id)) : short(id)) : '';
  return [kind === 'account' ? '' : `${kind} `, name, via && via !== 'session' ? ` (${via})` : ''];
}

/** Whom or what it is about. */
export function subjectOf(event: AuditEvent, linked: boolean): Child {
  const subject = event.subject;
  if (!subject) return '–';
  const text = subject.label ?? (subject.id ? short(subject.id) : subject.kind);
  return subject.id && linked ? linkTo(subject.kind, subject.id, text) : text;
}

/** What changed, in a line: `role: pending → user`. */
function changesOf(event: AuditEvent): string {
  const changes = event.details?.['changes'];
  if (typeof changes !== 'object' || changes === null) return '';
  const text = (value: unknown) => (value === null || value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value));
  return Object.entries(changes as Record<string, { before?: unknown; after?: unknown } | null>)
    .map(([name, change]) => (change ? `${name}: ${text(change.before)} → ${text(change.after)}` : name))
    .join(', ');
}

/** Everything else that an event has, for who wants to look closer. */
export function detailsOf(event: AuditEvent): HTMLElement {
  const rest = Object.entries(event.details ?? {}).filter(([name]) => name !== 'changes');
  const facts: [string, string][] = [
    ['id', event.id],
    ['position', String(event.position ?? '–')],
    ['client_ip', event.client_ip ?? '–'],
    ['request_id', event.request_id ?? '–'],
    ...(event.actor.credential ? [['credential', event.actor.credential] as [string, string]] : []),
    ...rest.map(([name, value]): [string, string] => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
    ...(event.seal ? [['seal', event.seal] as [string, string]] : []),
  ];
  return h(
    'details',
    { class: 'more' },
    h('summary', null, t('events.details')),
    h('dl', { class: 'facts' }, facts.map(([name, value]) => [h('dt', null, name), h('dd', null, value)])),
  );
}

/** An event as an entry of a list. */
export function eventEntry(event: AuditEvent, linked: boolean): HTMLElement {
  const at = new Date(event.at);
  return h(
    'li',
    { class: 'event' },
    h('div', { class: 'event-head' }, h('code', { class: 'action', 'data-kind': event.action.split('.')[0] ?? '' }, event.action), event.count !== null && event.count > 1 && h('span', { class: 'tag' }, t('events.times', { n: event.count })), event.erased && h('span', { class: 'tag' }, t('events.erased')), h('time', { dateTime: at.toISOString(), title: moment(event.at) }, ago(event.at / 1000))),
    h('p', { class: 'event-line' }, subjectOf(event, linked), ' ', h('span', { class: 'fine' }, t('events.by'), ' ', actorOf(event, linked))),
    changesOf(event) && h('p', { class: 'fine' }, changesOf(event)),
    detailsOf(event),
  );
}

/** A list of events, page by page. */
export function eventList(load: (cursor: string | undefined) => Promise<EventPage>, left: AbortSignal, linked = true): HTMLElement {
  const read = async (cursor: string | undefined) => {
    const page = await load(cursor);
    return { items: page.events, next: page.next_cursor };
  };
  const none = () => empty(t('events.none'), t('events.none.next'));
  return pagedList<AuditEvent>({ label: t('trail.table'), read, entry: (event) => eventEntry(event, linked), none }, left);
}
