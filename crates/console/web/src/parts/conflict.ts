// Two people changed the same: both versions side by side, and a choice for each field.
import { t } from '../texts/index.js';
import { openDialog } from './dialog.js';
import { h, newId } from './h.js';

export interface Difference {
  name: string;
  label: string;
  yours: string;
  theirs: string;
}

/** Which of two versions is to be stored, field by field; `null`: none, go on typing. */
export async function resolve(differences: Difference[]): Promise<Record<string, 'yours' | 'theirs'> | null> {
  let chosen: Record<string, 'yours' | 'theirs'> | null = null;
  const groups = differences.map((difference) => ({ difference, name: newId('choice') }));
  const option = (name: string, version: 'yours' | 'theirs', text: string, label: string) =>
    h(
      'td',
      null,
      h(
        'label',
        { class: 'choice' },
        h('input', { type: 'radio', name, value: version, checked: version === 'yours', 'aria-label': `${label}: ${t(version === 'yours' ? 'conflict.yours' : 'conflict.theirs')}` }),
        h('span', null, text || t('conflict.nothing')),
      ),
    );
  const form = h(
    'form',
    {
      onsubmit: (event: SubmitEvent) => {
        event.preventDefault();
        const data = new FormData(form);
        chosen = Object.fromEntries(groups.map(({ difference, name }) => [difference.name, data.get(name) === 'theirs' ? 'theirs' : 'yours']));
        dialog.close();
      },
    },
    h('p', null, t('conflict.text')),
    h(
      'div',
      { class: 'scroll' },
      h(
        'table',
        null,
        h('thead', null, h('tr', null, h('th', { scope: 'col' }, t('conflict.field')), h('th', { scope: 'col' }, t('conflict.yours')), h('th', { scope: 'col' }, t('conflict.theirs')))),
        h(
          'tbody',
          null,
          groups.map(({ difference, name }) =>
            h('tr', null, h('th', { scope: 'row' }, difference.label), option(name, 'yours', difference.yours, difference.label), option(name, 'theirs', difference.theirs, difference.label)),
          ),
        ),
      ),
    ),
    h('div', { class: 'actions' }, h('button', { type: 'button', onclick: () => dialog.close() }, t('dialog.cancel')), h('button', { class: 'primary' }, t('conflict.save'))),
  );
  const dialog = openDialog(t('conflict.title'), form, { wide: true });
  await dialog.closed;
  return chosen;
}

/**
 * What to send where `stored` may have changed since `loaded` was read: fields that only you changed, and what you choose
 * of those that both changed. `null`: do not save.
 */
export async function merge<T extends Record<string, unknown>>(
  labels: Map<string, string>,
  loaded: T,
  yours: Partial<T>,
  stored: T,
): Promise<Partial<T> | null> {
  const text = (value: unknown) => (value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value));
  const same = (a: unknown, b: unknown) => text(a) === text(b);
  const changed = Object.keys(yours).filter((name) => !same(yours[name], loaded[name]));
  const both = changed.filter((name) => !same(stored[name], loaded[name]) && !same(stored[name], yours[name]));
  const result: Partial<T> = {};
  const choice = both.length
    ? await resolve(both.map((name) => ({ name, label: labels.get(name) ?? name, yours: text(yours[name]), theirs: text(stored[name]) })))
    : {};
  if (!choice) return null;
  for (const name of changed as (keyof T & string)[]) {
    if (choice[name] !== 'theirs') result[name] = yours[name];
  }
  return result;
}
