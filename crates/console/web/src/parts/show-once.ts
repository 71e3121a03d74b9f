// A secret that is shown once: it is selected, and can be copied.
import { t } from '../texts/index.js';
import { copied } from './copied.js';
import { openDialog } from './dialog.js';
import { h, type Child } from './h.js';

/** Shows a secret under a title, with a sentence that says what to do with it, until the dialog is closed. `more` stands below. */
export async function showOnce(title: string, sentence: string, secret: string, more: Child = null): Promise<void> {
  const secretField = copied(sentence, secret);
  const dialog = openDialog(
    title,
    h(
      'div',
      null,
      h('p', { class: 'notice good' }, sentence),
      secretField,
      more,
      h('div', { class: 'actions' }, h('button', { type: 'button', class: 'primary', onclick: () => dialog.close() }, t('dialog.close'))),
    ),
    { lasting: true },
  );
  secretField.querySelector('input')?.select();
  await dialog.closed;
}
