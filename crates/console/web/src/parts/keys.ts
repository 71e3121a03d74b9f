// API keys: what they are for, what they may do, and how to delete them.
import type { ApiKeyInfo } from '@rosterd/client';
import { t } from '../texts/index.js';
import { confirm } from './dialog.js';
import { h, type Child } from './h.js';
import { empty, failure, part, toast } from './states.js';
import { table } from './table.js';
import { when } from './time.js';

export interface KeyCalls {
  list(): Promise<ApiKeyInfo[]>;
  remove(key: ApiKeyInfo): Promise<unknown>;
  /** Beside the list, such as a button for a new one. It is given what reads the list again. */
  actions(again: () => void): Child;
  left: AbortSignal;
}

function limitsOf(key: ApiKeyInfo): string {
  const limits = [
    key.read_only ? t('keys.readOnly') : '',
    key.allowed_paths?.length ? t('keys.paths', { paths: key.allowed_paths.join(', ') }) : '',
  ].filter(Boolean);
  return limits.join('; ') || t('keys.noLimits');
}

/** The list of somebody's keys, which reads itself again after each change. */
export function keyList(calls: KeyCalls): HTMLElement {
  const place = h('div');
  const trouble = h('div');
  const draw = () => place.replaceChildren(part(content, calls.left));
  const remove = async (key: ApiKeyInfo, name: string) => {
    if (!(await confirm(t('keys.delete.title', { name }), h('p', null, t('keys.delete.text')), t('keys.delete')))) return;
    trouble.replaceChildren();
    try {
      await calls.remove(key);
      toast(t('keys.deleted'));
      draw();
    } catch (error) {
      trouble.replaceChildren(failure(error));
    }
  };
  const cells = (key: ApiKeyInfo): Child[] => {
    const name = key.name ?? t('keys.plain');
    const over = key.expires_at !== null && key.expires_at * 1000 <= Date.now();
    return [
      [name, over && [' ', h('span', { class: 'tag' }, t('keys.over'))]],
      h('code', null, key.prefix),
      limitsOf(key),
      when(key.last_used_at),
      key.expires_at === null ? t('sessions.noEnd') : when(key.expires_at),
      h('button', { type: 'button', class: 'small', 'aria-label': t('keys.deleteOf', { name }), onclick: () => void remove(key, name) }, t('keys.delete')),
    ];
  };
  const content = async (): Promise<Child> => {
    const keys = await calls.list();
    const actions = h('div', { class: 'actions start' }, calls.actions(draw));
    if (keys.length === 0) return [empty(t('keys.none'), t('keys.none.next')), actions];
    const head = ['keys.name', 'keys.begins', 'keys.limits', 'keys.used', 'keys.ends'] as const;
    return [table(t('keys.table'), head.map((key) => t(key)), keys.map(cells)), actions];
  };
  draw();
  return h('div', null, trouble, place);
}
