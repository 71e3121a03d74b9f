// Two people changed the same: both versions side by side, and a choice for each field.
import { Failed, type Versioned } from '../api.js';
import { t, type Key } from '../texts/index.js';
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
      { role: 'cell', 'data-label': t(version === 'yours' ? 'conflict.yours' : 'conflict.theirs') },
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
        { class: 'stack', role: 'table' },
        h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, ['conflict.field', 'conflict.yours', 'conflict.theirs'].map((key) => h('th', { scope: 'col', role: 'columnheader' }, t(key as Key))))),
        h(
          'tbody',
          { role: 'rowgroup' },
          groups.map(({ difference, name }) =>
            h('tr', { role: 'row' }, h('th', { scope: 'row', role: 'rowheader' }, difference.label), option(name, 'yours', difference.yours, difference.label), option(name, 'theirs', difference.theirs, difference.label)),
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

export interface Save<T, V extends Record<string, unknown>> {
  labels: Map<string, string>;
  /** What the form showed before anything was typed. */
  loaded: V;
  yours: V;
  /** What is known to be stored. */
  stored: Versioned<T>;
  /** What the form shows of it. */
  shown: (data: T) => V;
  read: () => Promise<Versioned<T>>;
  /** Stores a change, only if that version is still stored. */
  write: (change: Partial<V>, over: Versioned<T>) => Promise<Versioned<T>>;
}

/**
 * Saves over the version that is known. Where another one is stored by now, the server refuses: then that one is read, and what
 * both have changed is asked for. Gives what is stored then; `null`: nothing was saved.
 */
export async function save<T, V extends Record<string, unknown>>(spec: Save<T, V>): Promise<Versioned<T> | null> {
  for (let over = spec.stored; ; over = await spec.read()) {
    const change = await merge(spec.labels, spec.loaded, spec.yours, spec.shown(over.data));
    if (!change) return null;
    try {
      return await spec.write(change, over);
    } catch (error) {
      if (!(error instanceof Failed && error.code === 'PRECONDITION_FAILED')) throw error;
    }
  }
}
