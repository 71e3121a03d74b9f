// The fields for a new password: twice, since nobody sees what is typed.
import { t } from '../texts/index.js';
import type { FieldSpec } from './field.js';
import { h } from './h.js';

/** `typed` gives what stands in the first of the two. */
export function newPassword(label: string, typed: () => unknown): FieldSpec[] {
  const again = (value: string) => (value === typed() ? null : t('setup.differ'));
  return [
    { name: 'password', label, kind: 'password', required: true, hint: t('setup.hint'), autocomplete: 'new-password' },
    { name: 'again', label: t('setup.again'), kind: 'password', required: true, autocomplete: 'new-password', check: again },
  ];
}

/** A field that nobody sees: under this name a password manager keeps the password of the form. */
export function keptUnder(email: string): HTMLElement {
  return h('input', { type: 'email', autocomplete: 'username', value: email, class: 'unseen', tabIndex: -1, 'aria-hidden': 'true', readOnly: true });
}
