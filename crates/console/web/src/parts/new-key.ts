// A new API key: what it is for, what it may do, and the key itself, which is shown once.
import { createNamedApiKey } from '@rosterd/client';
import { call, client } from '../api.js';
import { t } from '../texts/index.js';
import { openDialog } from './dialog.js';
import { makeForm } from './form.js';
import { showOnce } from './show-once.js';

/** Asks for a new key. `made` is called when there is one. */
export function newKey(made: () => void): void {
  const form = makeForm({
    draft: 'key',
    fields: [
      { name: 'name', label: t('keys.new.name'), required: true, maxLength: 100, autocomplete: 'off' },
      { name: 'expires_in', label: t('keys.new.life'), hint: t('keys.new.life.hint'), autocomplete: 'off' },
      { name: 'read_only', label: t('keys.new.readOnly'), kind: 'switch' },
      { name: 'allowed_paths', label: t('keys.new.paths'), kind: 'textarea', hint: t('keys.new.paths.hint') },
    ],
    submit: t('keys.new.send'),
    send: async (values) => {
      const paths = String(values['allowed_paths']).split(/\s+/).filter(Boolean);
      const life = String(values['expires_in']).trim();
      const body = { name: String(values['name']), read_only: values['read_only'] === true, ...(life ? { expires_in: life } : {}), ...(paths.length ? { allowed_paths: paths } : {}) };
      const key = await call(() => createNamedApiKey({ client, body }));
      dialog.close();
      made();
      await showOnce(t('keys.new'), t('keys.made'), key.key);
    },
  });
  const dialog = openDialog(t('keys.new'), form.element);
}
