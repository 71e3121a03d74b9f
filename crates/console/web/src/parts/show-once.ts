// A secret that is shown once: it is selected, and can be copied.
import { t } from '../texts/index.js';
import { openDialog } from './dialog.js';
import { h, type Child } from './h.js';
import { toast } from './states.js';

/** Shows a secret under a title, with a sentence that says what to do with it, until the dialog is closed. `more` stands below. */
export async function showOnce(title: string, sentence: string, secret: string, more: Child = null): Promise<void> {
  const field = h('input', { value: secret, readOnly: true, 'aria-label': sentence, class: 'code' });
  const copy = async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(secret);
      toast(t('secret.copied'));
    } catch {
      // Without TLS the browser has no clipboard for pages. The secret is selected, so Ctrl+C copies it.
    }
  };
  const dialog = openDialog(
    title,
    h(
      'div',
      null,
      h('p', { class: 'notice good' }, sentence),
      h('div', { class: 'joined' }, field, h('button', { type: 'button', onclick: () => void copy() }, t('secret.copy'))),
      more,
      h('div', { class: 'actions' }, h('button', { type: 'button', class: 'primary', onclick: () => dialog.close() }, t('dialog.close'))),
    ),
    { lasting: true },
  );
  field.select();
  await dialog.closed;
}
