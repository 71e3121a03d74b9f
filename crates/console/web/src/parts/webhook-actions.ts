// What can be done with a webhook: a test, another secret, switching it on and off, deleting it.
import { deleteWebhook, rotateWebhook, testWebhook, updateWebhook, type WebhookInfo } from '@rosterd/client';
import { call, client } from '../api.js';
import { go } from '../router.js';
import { t } from '../texts/index.js';
import { confirm, openDialog } from './dialog.js';
import { makeForm } from './form.js';
import { fill, h } from './h.js';
import { showOnce } from './show-once.js';
import { failure, toast } from './states.js';

/** For how long the secret before may sign too, in seconds. */
const OVERLAPS = ['0', '3600', '86400', '604800'] as const;

/** A short name of a webhook: the host that it leads to. */
export function nameOf(webhook: WebhookInfo): string {
  return URL.canParse(webhook.url) ? new URL(webhook.url).host : webhook.url;
}

/** The buttons. `changed` is given what is stored after each change. */
export function webhookActions(webhook: WebhookInfo, changed: (webhook: WebhookInfo) => void): HTMLElement {
  const path = { id: webhook.id };
  const outcome = h('div');
  const test = h('button', { type: 'button' }, t('webhooks.test'));
  const turn = h('button', { type: 'button', class: webhook.enabled ? '' : 'primary' }, t(webhook.enabled ? 'webhooks.switchOff' : 'webhooks.switchOn'));
  test.addEventListener('click', () => void attempt(test, async () => {
    fill(outcome, h('p', { class: 'loading', role: 'status' }, h('span', { class: 'spinner', 'aria-hidden': 'true' }), t('webhooks.test.running')));
    const { delivered, status, error } = await call(() => testWebhook({ client, path }));
    const text = delivered ? t('webhooks.test.good', { status: String(status ?? '') }) : t('webhooks.test.bad', { why: error ?? '' });
    fill(outcome, h('p', { class: delivered ? 'notice good' : 'notice bad', role: 'status' }, text));
  }));
  turn.addEventListener('click', () => void attempt(turn, async () => {
    const stored = await call(() => updateWebhook({ client, path, body: { enabled: !webhook.enabled } }));
    toast(t(stored.enabled ? 'webhooks.switchedOn' : 'webhooks.switchedOff'));
    changed(stored);
  }));
  async function attempt(button: HTMLButtonElement, work: () => Promise<void>): Promise<void> {
    button.disabled = true;
    fill(outcome);
    try {
      await work();
    } catch (error) {
      fill(outcome, failure(error));
    } finally {
      button.disabled = false;
    }
  }
  return h('div', null, outcome, h('div', { class: 'actions start' }, test, h('button', { type: 'button', onclick: () => rotate(webhook, changed) }, t('webhooks.rotate')), turn));
}

/** Asks how long the secret before is good, and shows the new one. */
function rotate(webhook: WebhookInfo, changed: (webhook: WebhookInfo) => void): void {
  const form = makeForm({
    fields: [
      {
        name: 'overlap',
        label: t('webhooks.rotate.overlap'),
        hint: t('webhooks.rotate.overlap.hint'),
        kind: 'select',
        options: OVERLAPS.map((seconds) => ({ value: seconds, label: t(`webhooks.rotate.${seconds}`) })),
      },
    ],
    initial: { overlap: '86400' },
    submit: t('webhooks.rotate'),
    send: async (values) => {
      const { secret, ...stored } = await call(() => rotateWebhook({ client, path: { id: webhook.id }, body: { overlap: Number(values['overlap']) } }));
      dialog.close();
      await showOnce(t('webhooks.secret'), t('webhooks.secret.made'), secret);
      changed(stored);
    },
  });
  const dialog = openDialog(t('webhooks.rotate'), form.element);
}

/** The button that deletes a webhook. */
export function deletion(webhook: WebhookInfo): HTMLElement {
  const trouble = h('div');
  const remove = async () => {
    const text = h('p', null, t('webhooks.delete.text'));
    if (!(await confirm(t('webhooks.delete.title', { name: nameOf(webhook) }), text, t('webhooks.delete')))) return;
    try {
      await call(() => deleteWebhook({ client, path: { id: webhook.id } }));
      toast(t('webhooks.deleted'));
      go('webhooks');
    } catch (error) {
      fill(trouble, failure(error));
    }
  };
  return h('div', null, trouble, h('div', { class: 'actions start' }, h('button', { type: 'button', class: 'danger', onclick: () => void remove() }, t('webhooks.delete'))));
}
