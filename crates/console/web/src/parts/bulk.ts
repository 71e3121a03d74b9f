// What can be done to many people at a time.
import {
  addUserToGroup,
  deleteUserApiKeys,
  deleteUserById,
  getUsers,
  removeUserFromGroup,
  revokeUserSessions,
  updateUserById,
  type GroupResponse,
  type Role,
} from '@rosterd/client';
import { call, client } from '../api.js';
import { t, type Key } from '../texts/index.js';
import { confirm, openDialog } from './dialog.js';
import { makeForm } from './form.js';
import { h } from './h.js';
import type { Query } from './people-filter.js';
import { Work, type Item } from './work.js';
import { showWork } from './work-dialog.js';

/** The most rows that a page of the API has. */
const PAGE = 200;

type Act = (item: Item) => Promise<unknown>;

const path = (item: Item) => ({ id: item.id });

/** Asks for one value of a list; `null`: none. */
async function choose(title: string, label: string, options: { value: string; label: string }[]): Promise<string | null> {
  let chosen: string | null = null;
  const form = makeForm({
    fields: [{ name: 'value', label, kind: 'select', options, required: true }],
    submit: t('bulk.start'),
    initial: { value: options[0]?.value ?? '' },
    send: async (values) => {
      chosen = String(values['value']);
      dialog.close();
    },
  });
  const dialog = openDialog(title, form.element);
  await dialog.closed;
  return chosen;
}

/** Runs an act over people, and shows how it goes. */
async function perform(title: string, items: Item[], act: Act, done: () => void): Promise<void> {
  const work = new Work(title, items, act);
  const running = work.start().then(done);
  await showWork(work);
  await running;
}

/** The buttons for what is selected. */
export function bulkActions(selected: () => Item[], groups: GroupResponse[], done: () => void): HTMLElement {
  const roles = (['user', 'admin', 'pending'] as const).map((role) => ({ value: role as string, label: t(`role.${role}`) }));
  const groupOptions = groups.map((group) => ({ value: group.id, label: group.name }));
  const button = (key: Key, run: (items: Item[]) => Promise<void>, danger = false) =>
    h('button', { type: 'button', class: danger ? 'danger' : '', onclick: () => void run(selected()) }, t(key));

  const role = async (items: Item[]) => {
    const title = t('bulk.role.title', { n: items.length });
    const chosen = await choose(title, t('people.role'), roles);
    if (chosen) await perform(title, items, (item) => call(() => updateUserById({ client, path: path(item), body: { role: chosen as Role } })), done);
  };
  const group = (key: 'bulk.addGroup.title' | 'bulk.removeGroup.title', change: typeof addUserToGroup | typeof removeUserFromGroup) => async (items: Item[]) => {
    const title = t(key, { n: items.length });
    const id = await choose(title, t('people.group'), groupOptions);
    if (id) await perform(title, items, (item) => call(() => change({ client, path: { id }, body: { user_ids: [item.id] } })), done);
  };
  const sure = (what: 'revoke' | 'keys' | 'delete', act: Act) => async (items: Item[]) => {
    const title = t(`bulk.${what}.title`, { n: items.length });
    const word = what === 'delete' ? String(items.length) : undefined;
    if (await confirm(title, h('p', null, t(`bulk.${what}.text`)), t(`bulk.${what}`), word)) await perform(title, items, act, done);
  };
  return h(
    'div',
    { class: 'bulk' },
    button('bulk.role', role),
    groups.length > 0 && button('bulk.addGroup', group('bulk.addGroup.title', addUserToGroup)),
    groups.length > 0 && button('bulk.removeGroup', group('bulk.removeGroup.title', removeUserFromGroup)),
    button('bulk.revoke', sure('revoke', (item) => call(() => revokeUserSessions({ client, path: path(item) })))),
    button('bulk.keys', sure('keys', (item) => call(() => deleteUserApiKeys({ client, path: path(item) })))),
    button('bulk.delete', sure('delete', (item) => call(() => deleteUserById({ client, path: path(item) }))), true),
  );
}

/** Everybody whom a query finds, page by page. `progress` is told how many were found so far. */
export async function collect(query: Query, progress: (count: number) => void, left: AbortSignal): Promise<Item[]> {
  const found: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = await call(() => getUsers({ client, query: { ...query, limit: PAGE, ...(cursor ? { cursor } : {}) }, signal: left }));
    found.push(...page.users.map(({ id, name }) => ({ id, name })));
    progress(found.length);
    cursor = page.next_cursor;
  } while (cursor && !left.aborted);
  return found;
}
