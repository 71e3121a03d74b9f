// The webhooks: where events are sent, and how that goes.
import { listWebhooks, type WebhookInfo } from '@rosterd/client';
import { call, client } from '../api.js';
import { pageTitle } from '../parts/card.js';
import { h } from '../parts/h.js';
import { empty, part } from '../parts/states.js';
import { table } from '../parts/table.js';
import { number } from '../parts/time.js';
import { newWebhook } from '../parts/webhook-form.js';
import { go, urlOf, type Page } from '../router.js';
import { t } from '../texts/index.js';

/** Where a webhook's own page is. */
const pathOf = (id: string) => `webhooks/${encodeURIComponent(id)}`;

export const webhooks: Page = (place) => {
  const add = () => newWebhook((id) => go(pathOf(id)));
  const button = () => h('button', { type: 'button', class: 'primary', onclick: add }, t('webhooks.new'));
  return h(
    'div',
    null,
    pageTitle(t('webhooks.title'), h('div', { class: 'actions' }, button())),
    h('p', { class: 'fine' }, t('webhooks.text')),
    h(
      'section',
      { class: 'card', 'aria-label': t('webhooks.table') },
      part(async () => {
        const all = await call(() => listWebhooks({ client }));
        return all.length === 0 ? empty(t('webhooks.none'), t('webhooks.none.next')) : list(all);
      }, place.left),
    ),
  );
};

/** Whether a webhook is on, as a tag. */
export function stateTag(webhook: WebhookInfo): HTMLElement {
  const by = webhook.disabled?.reason;
  return h('span', { class: webhook.enabled ? 'tag good' : by === 'admin' ? 'tag' : 'tag bad' }, t(webhook.enabled ? 'webhooks.on' : 'webhooks.off'));
}

function list(all: WebhookInfo[]): HTMLElement {
  const head = ['webhooks.url', 'webhooks.state', 'webhooks.waiting', 'webhooks.events', 'webhooks.description'] as const;
  const cells = (webhook: WebhookInfo) => [
    h('a', { href: urlOf(pathOf(webhook.id)) }, webhook.url),
    stateTag(webhook),
    number(webhook.waiting),
    webhook.events.map((name) => [h('code', null, name), ' ']),
    webhook.description,
  ];
  return table(t('webhooks.table'), head.map((key) => t(key)), all.map(cells));
}
