// The trail: find events, watch new ones, take them along, and verify that none was altered.
import { streamAuditEvents, type AuditEvent } from '@rosterd/client';
import { client } from '../api.js';
import { card, pageTitle } from '../parts/card.js';
import { eventEntry, eventList, readEvents } from '../parts/events.js';
import { fill, h } from '../parts/h.js';
import { plot, type DayCount } from '../parts/plot.js';
import { failure, part, toast } from '../parts/states.js';
import { fits, readTrail, trailForm, trailQuery, writeTrail, type TrailFilter } from '../parts/trail-filter.js';
import { verifyTrail } from '../parts/verify.js';
import { keepInUrl, type Page } from '../router.js';
import { t } from '../texts/index.js';

const PAGE = 50;

/** The most events that a page of the API has. */
const MOST = 1000;

/** Days in the plot, and how many pages of events are read for it. */
const DAYS = 30;
const PLOT_PAGES = 10;

export const trail: Page = (place) => {
  let filter = readTrail(place.query);
  const list = h('div');
  const fresh = h('ol', { class: 'events', 'aria-live': 'polite' });
  const trouble = h('div');
  const live = h('button', { type: 'button', 'aria-pressed': 'false' }, t('trail.live'));
  let watching: AbortController | null = null;

  const draw = () => {
    fill(fresh);
    fill(list, eventList((cursor) => readEvents({ ...trailQuery(filter), limit: PAGE, ...(cursor ? { cursor } : {}) }), place.left));
  };
  const change = (next: TrailFilter) => {
    filter = next;
    keepInUrl(writeTrail(filter));
    draw();
  };
  const stop = () => {
    watching?.abort();
    watching = null;
    live.setAttribute('aria-pressed', 'false');
  };
  const watch = async () => {
    const mine = new AbortController();
    watching = mine;
    live.setAttribute('aria-pressed', 'true');
    toast(t('trail.live.on'));
    try {
      const { stream } = await streamAuditEvents({ client, query: {}, signal: mine.signal, sseMaxRetryAttempts: 3 });
      for await (const data of stream) {
        const event = data as unknown as AuditEvent;
        if (mine.signal.aborted) return;
        if (fits(filter, event as Parameters<typeof fits>[1])) fresh.prepend(eventEntry(event, true));
      }
      if (!mine.signal.aborted) fill(trouble, h('p', { class: 'notice', role: 'status' }, t('trail.live.off')));
    } catch (error) {
      if (!mine.signal.aborted) fill(trouble, failure(error));
    } finally {
      if (watching === mine) stop();
    }
  };
  live.addEventListener('click', () => {
    fill(trouble);
    if (watching) stop();
    else void watch();
  });
  place.left.addEventListener('abort', stop);
  const take = h('button', { type: 'button' }, t('trail.export'));
  take.addEventListener('click', () => void download(filter, take, trouble, place.left));
  draw();
  return h(
    'div',
    null,
    pageTitle(t('trail.title'), h('div', { class: 'actions' }, live, take, h('button', { type: 'button', onclick: () => void verifyTrail() }, t('trail.verify')))),
    card(t('trail.plot'), part(async () => counts(place.left), place.left)),
    h('details', { class: 'card filter', open: writeTrail(filter).size > 0 }, h('summary', null, t('trail.filter')), trailForm(filter, change)),
    trouble,
    h('section', { class: 'card', 'aria-label': t('trail.table') }, fresh, list),
  );
};

/** Every event that the filter finds, as lines of JSON in a file. A second click stops. */
async function download(filter: TrailFilter, button: HTMLButtonElement, trouble: HTMLElement, left: AbortSignal): Promise<void> {
  if (button.dataset['running']) {
    delete button.dataset['running'];
    return;
  }
  button.dataset['running'] = 'yes';
  const parts: BlobPart[] = [];
  let count = 0;
  let cursor: string | undefined;
  try {
    do {
      const page = await readEvents({ ...trailQuery(filter), limit: MOST, ...(cursor ? { cursor } : {}) });
      parts.push(page.events.map((event) => `${JSON.stringify(event)}\n`).join(''));
      count += page.events.length;
      button.textContent = t('trail.exporting', { n: count });
      cursor = page.next_cursor;
    } while (cursor && !left.aborted && button.dataset['running']);
    if (!left.aborted && button.dataset['running']) save(new Blob(parts, { type: 'application/x-ndjson' }), 'events.jsonl');
  } catch (error) {
    fill(trouble, failure(error));
  } finally {
    delete button.dataset['running'];
    button.textContent = t('trail.export');
  }
}

function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  h('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Sign-ins and people of the last days. */
async function counts(left: AbortSignal): Promise<HTMLElement> {
  const today = new Date();
  const first = new Date(today.getFullYear(), today.getMonth(), today.getDate() - DAYS + 1).getTime();
  const days = new Map<string, { count: DayCount; people: Set<string> }>();
  const keyOf = (time: number) => new Date(time).toDateString();
  for (let day = 0; day < DAYS; day += 1) {
    const at = new Date(first);
    at.setDate(at.getDate() + day);
    days.set(at.toDateString(), { count: { day: at.getTime(), signIns: 0, people: 0 }, people: new Set() });
  }
  let cursor: string | undefined;
  let pages = 0;
  do {
    const page = await readEvents({ from: first, limit: MOST, ...(cursor ? { cursor } : {}) });
    for (const event of page.events) {
      const day = days.get(keyOf(event.at));
      if (!day) continue;
      const who = event.action === 'session.started' ? event.subject?.id : event.actor.kind === 'account' ? event.actor.id : null;
      if (event.action === 'session.started') day.count.signIns += 1;
      if (who) day.people.add(who);
    }
    cursor = page.next_cursor;
    pages += 1;
  } while (cursor && pages < PLOT_PAGES && !left.aborted);
  const shown = [...days.values()].map(({ count, people }) => ({ ...count, people: people.size }));
  return h('div', null, h('p', { class: 'fine' }, t('trail.plot.text'), ' ', cursor !== undefined && t('trail.plot.cut', { n: pages * MOST })), plot(shown));
}
