// One webhook: what is sent where, how it goes, and its deliveries.
import type { WebhookInfo } from '@rosterd/client';
import type { Versioned } from '../api.js';
import { broad, card, facts, pageTitle } from '../parts/card.js';
import { deliveryList } from '../parts/deliveries.js';
import { fill, h, type Child } from '../parts/h.js';
import { empty, part } from '../parts/states.js';
import { number, when } from '../parts/time.js';
import { deletion, nameOf, webhookActions } from '../parts/webhook-actions.js';
import { readWebhook, webhookForm } from '../parts/webhook-form.js';
import { urlOf, type Page, type Place } from '../router.js';
import { t, tOr } from '../texts/index.js';
import { stateTag } from './webhooks.js';

export const webhook: Page = (place) =>
  part(async () => {
    const found = await readWebhook(place.params['id'] ?? '');
    return found ? content(found, place) : notThere();
  }, place.left);

const toAll = () => h('a', { href: urlOf('webhooks'), class: 'button' }, t('webhooks.all'));

function notThere(): HTMLElement {
  return h('div', null, h('h1', { tabIndex: -1 }, t('webhooks.notThere')), empty(null, t('webhooks.notThere.next'), toAll()));
}

function content(stored: Versioned<WebhookInfo>, place: Place): Child {
  const loaded = stored.data;
  const head = h('div');
  const state = h('div');
  const draw = (webhook: WebhookInfo) => {
    fill(head, pageTitle(nameOf(webhook), h('div', { class: 'actions' }, stateTag(webhook), toAll())));
    fill(state, why(webhook), about(webhook), webhookActions(webhook, draw));
  };
  draw(loaded);
  return h(
    'div',
    null,
    head,
    h(
      'div',
      { class: 'cards person' },
      card(t('webhooks.profile'), webhookForm(stored, draw)),
      card(t('webhooks.standing'), state),
      broad(t('deliveries.title'), deliveryList(loaded.id, place.query, place.left)),
      broad(t('webhooks.delete'), h('p', { class: 'fine' }, t('webhooks.delete.text')), deletion(loaded)),
    ),
  );
}

/** Why a webhook is off. */
function why(webhook: WebhookInfo): Child {
  if (!webhook.disabled) return null;
  const { reason, at } = webhook.disabled;
  return h('p', { class: reason === 'admin' ? 'notice' : 'notice bad', role: 'status' }, tOr('webhooks.off', reason), ' (', when(at), '). ', t('webhooks.off.next'));
}

function about(webhook: WebhookInfo): HTMLElement {
  const until = webhook.previous_secret_until;
  const more: [string, Child][] = until === null ? [] : [[t('webhooks.previous'), [t('webhooks.previous.until'), ' ', when(until)]]];
  return facts(
    [t('webhooks.id'), h('code', null, webhook.id)],
    [t('webhooks.waiting'), number(webhook.waiting)],
    ...more,
    [t('webhooks.created'), when(webhook.created_at)],
    [t('webhooks.changed'), when(webhook.updated_at)],
  );
}
