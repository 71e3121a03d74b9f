// What a part of a page shows while there is nothing else to show: loading, nothing there, an error, no network.
import { Failed } from '../api.js';
import { t } from '../texts/index.js';
import { fill, h, type Child } from './h.js';

/** Something is on its way. Where it comes quickly, nothing is shown, so that nothing flickers. */
export function loading(): HTMLElement {
  return h('p', { class: 'loading', role: 'status' }, h('span', { class: 'spinner', 'aria-hidden': 'true' }), t('state.loading'));
}

/** There is nothing, and what to do next. Without a title where one stands above it. */
export function empty(title: string | null, next: string, ...actions: Child[]): HTMLElement {
  return h('div', { class: 'empty' }, title !== null && h('p', { class: 'empty-title' }, title), h('p', null, next), ...actions);
}

/** What went wrong, in the words of the API, and a way to try again. */
export function failure(error: unknown, retry?: () => void): HTMLElement {
  const failed = error instanceof Failed ? error : null;
  const message = failed?.message ?? (error instanceof Error ? error.message : String(error));
  return h(
    'div',
    { class: 'notice bad', role: 'alert' },
    h('p', null, message),
    failed?.requestId && h('p', { class: 'fine' }, t('state.request', { id: failed.requestId })),
    retry && h('button', { type: 'button', onclick: retry }, t('state.retry')),
  );
}

/** A part that fills itself: loading first, then what `load` makes, or its error with a retry. */
export function part(load: () => Promise<Child>, left?: AbortSignal): HTMLElement {
  const place = h('div', { class: 'part', 'aria-busy': 'true' }, loading());
  const run = async () => {
    try {
      const content = await load();
      if (!left?.aborted) fill(place, content);
    } catch (error) {
      if (left?.aborted) return;
      fill(place, failure(error, () => {
        place.setAttribute('aria-busy', 'true');
        fill(place, loading());
        void run();
      }));
    }
    place.removeAttribute('aria-busy');
  };
  void run();
  return place;
}

/** What can be done about a message. */
export interface Offer {
  label: string;
  run(): void;
}

/** How long a message stays, in milliseconds; longer where there is something to do. */
const STAYS = 6_000;
const OFFERS = 30_000;

/**
 * A short message at the edge of the page, read out and gone after a while: not while it has the focus or the pointer, and not
 * while a dialog covers what could be done.
 */
export function toast(message: string, offer?: Offer): void {
  const place = document.getElementById('toasts');
  const act = () => {
    entry.remove();
    offer?.run();
  };
  const entry = h('p', { class: 'toast' }, message, offer && [' ', h('button', { type: 'button', class: 'link', onclick: act }, offer.label)]);
  place?.append(entry);
  const leave = () => {
    const covered = offer && document.querySelector('dialog[open]');
    if (covered || entry.matches(':hover') || entry.contains(document.activeElement)) setTimeout(leave, STAYS);
    else entry.remove();
  };
  setTimeout(leave, offer ? OFFERS : STAYS);
}
