// Dialogs. The browser keeps the focus within, gives it back, and closes with Escape.
import { t } from '../texts/index.js';
import { append, h, newId, type Child } from './h.js';

export interface Dialog {
  element: HTMLDialogElement;
  close(): void;
  /** Settles when it was closed, however. */
  closed: Promise<void>;
}

/** Opens a dialog with a title. `lasting` ones do not close with Escape. */
export function openDialog(title: string, content: Child, options: { wide?: boolean; lasting?: boolean } = {}): Dialog {
  const heading = newId('title');
  const element = h('dialog', { 'aria-labelledby': heading, class: options.wide ? 'wide' : 'narrow' });
  const close = () => element.close();
  append(element, [
    h(
      'header',
      null,
      h('h2', { id: heading }, title),
      !options.lasting && h('button', { type: 'button', class: 'quiet icon', 'aria-label': t('dialog.close'), onclick: close }, '✕'),
    ),
    content,
  ]);
  if (options.lasting) element.addEventListener('cancel', (event) => event.preventDefault());
  document.body.append(element);
  const closed = new Promise<void>((resolve) => {
    element.addEventListener('close', () => {
      element.remove();
      resolve();
    });
  });
  element.showModal();
  return { element, close, closed };
}

/** Asks before something that cannot be taken back. With `type`, the word has to be typed. */
export async function confirm(title: string, text: Child, action: string, type?: string): Promise<boolean> {
  let yes = false;
  const button = h('button', { class: 'danger', disabled: type !== undefined }, action);
  const word = type === undefined ? null : h('input', { autocomplete: 'off', spellcheck: false });
  word?.addEventListener('input', () => (button.disabled = word.value.trim() !== type));
  const dialog = openDialog(
    title,
    h(
      'form',
      {
        method: 'dialog',
        onsubmit: (event: SubmitEvent) => {
          event.preventDefault();
          yes = true;
          dialog.close();
        },
      },
      h('div', { class: 'prose' }, text),
      word && h('label', { class: 'field' }, t('dialog.type', { word: type ?? '' }), word),
      h('div', { class: 'actions' }, h('button', { type: 'button', onclick: () => dialog.close() }, t('dialog.cancel')), button),
    ),
  );
  await dialog.closed;
  return yes;
}
