// The deliveries of a webhook: filtered by state, page by page, each with what came of it and a way to send it again.
import { listWebhookDeliveries, retryWebhookDelivery, type DeliveryState, type WebhookDelivery } from '@rosterd/client';
import { call, client } from '../api.js';
import { keepInUrl } from '../router.js';
import { t } from '../texts/index.js';
import { facts } from './card.js';
import { fill, h } from './h.js';
import { empty, failure, part, toast } from './states.js';
import { moment, when } from './time.js';

/** How many are read at a time. */
const PAGE = 30;

const STATES = ['waiting', 'delivered', 'failed'] as const satisfies readonly DeliveryState[];

const TAGS: Record<DeliveryState, string> = { waiting: 'tag', delivered: 'tag good', failed: 'tag bad' };

/** The list with its filter, which is in the URL. */
export function deliveryList(webhook: string, query: URLSearchParams, left: AbortSignal): HTMLElement {
  let state = STATES.find((known) => known === query.get('state'));
  const place = h('div');
  const choice = h(
    'select',
    null,
    h('option', { value: '' }, t('deliveries.any')),
    STATES.map((known) => h('option', { value: known, selected: known === state }, t(`deliveries.${known}`))),
  );
  const draw = () => fill(place, part(content, left));
  choice.addEventListener('change', () => {
    state = STATES.find((known) => known === choice.value);
    keepInUrl(new URLSearchParams(state ? { state } : {}));
    draw();
  });
  const read = (cursor?: string) =>
    call(() => listWebhookDeliveries({ client, path: { id: webhook }, query: { limit: PAGE, ...(state ? { state } : {}), ...(cursor ? { cursor } : {}) } }));

  async function content(): Promise<HTMLElement[]> {
    const first = await read();
    if (first.deliveries.length === 0) return [empty(t('deliveries.none'), t(state ? 'deliveries.none.state' : 'deliveries.none.next'))];
    const list = h('ol', { class: 'events', 'aria-label': t('deliveries.title') }, first.deliveries.map((delivery) => entry(webhook, delivery)));
    const foot = h('div');
    const offer = (cursor: string | undefined) => {
      if (!cursor) return fill(foot);
      const button = h('button', { type: 'button' }, t('deliveries.more'));
      button.addEventListener('click', () => void more(cursor, button));
      return fill(foot, button);
    };
    const more = async (cursor: string, button: HTMLButtonElement) => {
      button.disabled = true;
      try {
        const page = await read(cursor);
        const entries = page.deliveries.map((delivery) => entry(webhook, delivery));
        list.append(...entries);
        entries[0]?.querySelector('summary')?.focus();
        offer(page.next_cursor);
      } catch (error) {
        fill(foot, failure(error, () => void more(cursor, button)));
      }
    };
    offer(first.next_cursor);
    return [list, foot];
  }
  draw();
  return h('div', null, h('div', { class: 'bar' }, h('label', { class: 'inline' }, t('deliveries.state'), choice), h('button', { type: 'button', onclick: draw }, t('deliveries.refresh'))), place);
}

/** A delivery as an entry of the list. It is drawn anew when it is sent again. */
function entry(webhook: string, delivery: WebhookDelivery): HTMLElement {
  const item = h('li', { class: 'event' });
  const trouble = h('div');
  const retry = async (button: HTMLButtonElement) => {
    button.disabled = true;
    try {
      const again = await call(() => retryWebhookDelivery({ client, path: { id: webhook, delivery_id: delivery.id } }));
      toast(t('deliveries.retried'));
      const fresh = entry(webhook, again);
      item.replaceWith(fresh);
      fresh.querySelector('button')?.focus();
    } catch (error) {
      button.disabled = false;
      fill(trouble, failure(error));
    }
  };
  const button = h('button', { type: 'button', class: 'small', 'aria-label': t('deliveries.retryOf', { event: delivery.event, when: moment(delivery.created_at * 1000) }) }, t('deliveries.retry'));
  button.addEventListener('click', () => void retry(button));
  const { state, tries } = delivery;
  return fill(
    item,
    h('div', { class: 'event-head' }, h('code', { class: 'action' }, delivery.event), h('span', { class: TAGS[state] }, t(`deliveries.${state}`)), when(delivery.last_try_at ?? delivery.created_at)),
    h('p', { class: 'event-line' }, t('deliveries.tries', { n: tries }), delivery.error && h('span', { class: 'fine' }, ` · ${delivery.error}`), delivery.next_try_at !== null && h('span', { class: 'fine' }, ` · ${t('deliveries.next')} `, when(delivery.next_try_at))),
    trouble,
    h('div', { class: 'delivery-foot' }, details(delivery), button),
  );
}

/** Everything that is known of a delivery, by its names in the API. */
function details(delivery: WebhookDelivery): HTMLElement {
  const at = (seconds: number | null) => (seconds === null ? '–' : moment(seconds * 1000));
  return h(
    'details',
    { class: 'more' },
    h('summary', null, t('deliveries.details')),
    facts(
      ['webhook-id', h('code', null, delivery.id)],
      ['position', String(delivery.position)],
      ['created_at', at(delivery.created_at)],
      ['last_try_at', at(delivery.last_try_at)],
      ['next_try_at', at(delivery.next_try_at)],
      ['status', String(delivery.status ?? '–')],
      ['error', delivery.error ?? '–'],
    ),
  );
}
