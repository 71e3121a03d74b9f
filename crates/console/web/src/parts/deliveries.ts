// The deliveries of a webhook: filtered by state, page by page, each with what came of it and a way to send it again.
import { listWebhookDeliveries, retryWebhookDelivery, type DeliveryState, type WebhookDelivery } from '@rosterd/client';
import { call, client } from '../api.js';
import { t } from '../texts/index.js';
import { facts } from './card.js';
import { fill, h } from './h.js';
import { byState, pagedList, sendAgain } from './paged.js';
import { empty } from './states.js';
import { moment, when } from './time.js';

/** How many are read at a time. */
const PAGE = 30;

const STATES = ['waiting', 'delivered', 'failed'] as const satisfies readonly DeliveryState[];

const TAGS: Record<DeliveryState, string> = { waiting: 'tag', delivered: 'tag good', failed: 'tag bad' };

/** The list with its filter, which is in the URL. */
export function deliveryList(webhook: string, query: URLSearchParams, left: AbortSignal): HTMLElement {
  const list = (state: DeliveryState | undefined) =>
    pagedList<WebhookDelivery>(
      {
        label: t('deliveries.title'),
        read: async (cursor) => {
          const page = await call(() => listWebhookDeliveries({ client, path: { id: webhook }, query: { limit: PAGE, ...(state ? { state } : {}), ...(cursor ? { cursor } : {}) } }));
          return { items: page.deliveries, next: page.next_cursor };
        },
        entry: (delivery) => entry(webhook, delivery),
        none: () => empty(t('deliveries.none'), t(state ? 'deliveries.none.state' : 'deliveries.none.next')),
      },
      left,
    );
  return byState({ states: STATES, label: t('deliveries.state'), any: t('deliveries.any'), nameOf: (state) => t(`deliveries.${state}`), draw: list }, query);
}

/** A delivery as an entry of the list. It is drawn anew when it is sent again. */
function entry(webhook: string, delivery: WebhookDelivery): HTMLElement {
  const item = h('li', { class: 'event' });
  const trouble = h('div');
  const retry = async () => entry(webhook, await call(() => retryWebhookDelivery({ client, path: { id: webhook, delivery_id: delivery.id } })));
  const button = sendAgain(item, trouble, t('deliveries.retryOf', { event: delivery.event, when: moment(delivery.created_at * 1000) }), retry);
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
