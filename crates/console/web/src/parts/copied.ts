// A text that is to be copied somewhere else: it can be read always, unlike a secret.
import { t } from '../texts/index.js';
import { h } from './h.js';
import { toast } from './states.js';

/** The text in a field, with a button that copies it. */
export function copied(label: string, text: string): HTMLElement {
  const field = h('input', { value: text, readOnly: true, 'aria-label': label, class: 'code' });
  const copy = async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(text);
      toast(t('secret.copied'));
    } catch {
      // Without TLS the browser has no clipboard for pages. The text is selected, so Ctrl+C copies it.
    }
  };
  return h('div', { class: 'joined' }, field, h('button', { type: 'button', onclick: () => void copy() }, t('secret.copy')));
}
