// The form of a webhook: a new one in a dialog, and one that is changed.
import { createWebhook, listWebhooks, updateWebhook, type WebhookForm, type WebhookInfo } from '@rosterd/client';
import { call, client } from '../api.js';
import { t } from '../texts/index.js';
import { merge } from './conflict.js';
import { openDialog } from './dialog.js';
import type { FieldSpec } from './field.js';
import { makeForm, type Values } from './form.js';
import { showOnce } from './show-once.js';
import { toast } from './states.js';

const fields = (): FieldSpec[] => [
  { name: 'url', label: t('webhooks.url'), hint: t('webhooks.url.hint'), required: true, maxLength: 2000, autocomplete: 'off' },
  { name: 'events', label: t('webhooks.events'), kind: 'textarea', hint: t('webhooks.events.hint'), required: true },
  { name: 'description', label: t('webhooks.description'), maxLength: 2000, autocomplete: 'off' },
];

/** The webhook with this id; `null` where there is none. */
export async function readWebhook(id: string): Promise<WebhookInfo | null> {
  const all = await call(() => listWebhooks({ client }));
  return all.find((webhook) => webhook.id === id) ?? null;
}

/** Names of events, one a line or separated otherwise. */
const namesIn = (text: string) => text.split(/[\s,;]+/).filter(Boolean);

const shown = (webhook: WebhookInfo) => ({ url: webhook.url, events: webhook.events.join('\n'), description: webhook.description });

const typed = (values: Values) => ({
  url: String(values['url']).trim(),
  events: namesIn(String(values['events'])).join('\n'),
  description: String(values['description']),
});

/** Asks for a new webhook and shows its secret. `made` is called when that was closed. */
export function newWebhook(made: (id: string) => void): void {
  const form = makeForm({
    draft: 'webhook',
    fields: fields(),
    submit: t('webhooks.create'),
    send: async (values) => {
      const { url, events, description } = typed(values);
      const webhook = await call(() => createWebhook({ client, body: { url, events: namesIn(events), description } }));
      dialog.close();
      await showOnce(t('webhooks.secret'), t('webhooks.secret.made'), webhook.secret);
      made(webhook.id);
    },
  });
  const dialog = openDialog(t('webhooks.new'), form.element);
}

/** The form of a webhook that is there. `changed` is given what is stored after each save. */
export function webhookForm(loaded: WebhookInfo, changed: (webhook: WebhookInfo) => void): HTMLElement {
  let known = shown(loaded);
  const labels = new Map(fields().map((field) => [field.name, field.label]));
  const form = makeForm({
    draft: `webhook:${loaded.id}`,
    onlyChanges: true,
    fields: fields(),
    initial: known,
    submit: t('form.save'),
    send: async (values) => {
      // What is not sent stays as it is. So only a field that both have changed needs a choice.
      const stored = await readWebhook(loaded.id);
      const change = await merge<Record<string, unknown>>(labels, known, typed(values), stored ? shown(stored) : known);
      if (!change) return false;
      const events = typeof change['events'] === 'string' ? { events: namesIn(change['events']) } : {};
      const body: WebhookForm = { ...change, ...events };
      const saved = await call(() => updateWebhook({ client, path: { id: loaded.id }, body }));
      known = shown(saved);
      form.settle(known);
      toast(t('form.saved'));
      changed(saved);
      return true;
    },
  });
  return form.element;
}
