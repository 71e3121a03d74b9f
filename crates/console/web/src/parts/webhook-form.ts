// The form of a webhook: a new one in a dialog, and one that is changed.
import { createWebhook, getWebhook, updateWebhook, type WebhookForm, type WebhookInfo } from '@rosterd/client';
import { call, callVersioned, client, Failed, onlyIf, type Versioned } from '../api.js';
import { t } from '../texts/index.js';
import { save } from './conflict.js';
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

const readStored = (id: string) => callVersioned<WebhookInfo>(() => getWebhook({ client, path: { id } }));

/** The webhook with this id and its version; `null` where there is none. */
export async function readWebhook(id: string): Promise<Versioned<WebhookInfo> | null> {
  try {
    return await readStored(id);
  } catch (error) {
    if (error instanceof Failed && error.code === 'NOT_FOUND') return null;
    throw error;
  }
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
export function webhookForm(loaded: Versioned<WebhookInfo>, changed: (webhook: WebhookInfo) => void): HTMLElement {
  const { id } = loaded.data;
  let known = loaded;
  const labels = new Map(fields().map((field) => [field.name, field.label]));
  const form = makeForm({
    draft: `webhook:${id}`,
    onlyChanges: true,
    fields: fields(),
    initial: shown(known.data),
    submit: t('form.save'),
    send: async (values) => {
      // What is not sent stays as it is. So only a field that both have changed needs a choice.
      const write = ({ events, ...change }: Partial<ReturnType<typeof shown>>, { version }: Versioned<WebhookInfo>) => {
        const body: WebhookForm = { ...change, ...(events === undefined ? {} : { events: namesIn(events) }) };
        return callVersioned<WebhookInfo>(() => updateWebhook({ client, path: { id }, body, ...onlyIf(version) }));
      };
      const saved = await save({ labels, loaded: shown(known.data), yours: typed(values), stored: known, shown, read: () => readStored(id), write });
      if (!saved) return false;
      known = saved;
      form.settle(shown(known.data));
      toast(t('form.saved'));
      changed(known.data);
      return true;
    },
  });
  return form.element;
}
