// What can be done to many people at a time.
import { changeManyUsers, deleteUserApiKeys, getUsers, messageOf, restoreUserById, type GroupResponse, type ManyUsersAnswer, type ManyUsersForm, type Role } from '@rosterd/client';
import { call, client } from '../api.js';
import { t, type Key } from '../texts/index.js';
import { confirm, openDialog } from './dialog.js';
import { makeForm } from './form.js';
import { h } from './h.js';
import type { Query } from './people-filter.js';
import { askTerms } from './person-suspension.js';
import { failure, toast } from './states.js';
import { oneByOne, throughAll, together, type Item, type Result, type Work } from './work.js';
import { showWork } from './work-dialog.js';

/** The most rows that a page of the API has. */
const PAGE = 200;

/** What the API does to many at a time. */
type Action = Pick<ManyUsersForm, 'action' | 'role' | 'group_id' | 'purge' | 'reason' | 'until'>;

/** Whom something is done to: these, or everybody whom a query finds. */
export type Chosen = { count: number; items: Item[] } | { count: number; query: Query; shown: Item[] };

/** What came of it, for each. Whose name is not known is named by the id. */
function resultsOf(answer: ManyUsersAnswer, known: Item[]): Result[] {
  const names = new Map(known.map((item) => [item.id, item.name]));
  return answer.results.map(({ id, ok, error }) => ({ id, name: names.get(id) ?? id, error: ok ? null : error ? messageOf(error) : '' }));
}

/** The work of an action. */
function workOf(title: string, chosen: Chosen, action: Action): Work {
  const of = async (items: Item[]) => resultsOf(await call(() => changeManyUsers({ client, body: { ...action, ids: items.map(({ id }) => id) } })), items);
  if ('items' in chosen) return together(title, chosen.items, of);
  const { shown, count } = chosen;
  const { query, role, status, group_id, active_since, inactive_since } = chosen.query;
  // An empty text would mean everybody, and is refused.
  const sent = Object.entries({ query, role, status, group_id, active_since, inactive_since }).filter(([, value]) => value !== undefined && value !== '');
  const run = async (from: string | null) => {
    const body = { ...action, query: { ...Object.fromEntries(sent), ...(from ? { cursor: from } : {}) } } as ManyUsersForm;
    const answer = await call(() => changeManyUsers({ client, body }));
    return { results: resultsOf(answer, shown), next: answer.next_cursor ?? null };
  };
  return throughAll({ title, total: count, run, of });
}

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

/** Does work, and shows how it goes. */
async function perform(work: Work, done: (ended: Work) => void): Promise<void> {
  work.onEnd = done;
  const running = work.start();
  await showWork(work);
  await running;
}

/** The buttons for what is selected. */
export function bulkActions(selected: () => Chosen, groups: GroupResponse[], done: () => void): HTMLElement {
  const roles = (['user', 'admin', 'pending'] as const).map((role) => ({ value: role as string, label: t(`role.${role}`) }));
  const groupOptions = groups.map((group) => ({ value: group.id, label: group.name }));
  const trouble = h('div');
  const button = (key: Key, run: (chosen: Chosen) => Promise<void>, danger = false) =>
    h('button', { type: 'button', class: danger ? 'danger' : '', onclick: () => void run(selected()) }, t(key));

  const role = async (chosen: Chosen) => {
    const title = t('bulk.role.title', { n: chosen.count });
    const wanted = await choose(title, t('people.role'), roles);
    if (wanted) await perform(workOf(title, chosen, { action: 'set_role', role: wanted as Role }), done);
  };
  const group = (key: 'bulk.addGroup.title' | 'bulk.removeGroup.title', action: 'add_to_group' | 'remove_from_group') => async (chosen: Chosen) => {
    const title = t(key, { n: chosen.count });
    const id = await choose(title, t('people.group'), groupOptions);
    if (id) await perform(workOf(title, chosen, { action, group_id: id }), done);
  };
  const suspend = async (chosen: Chosen) => {
    const title = t('bulk.suspend.title', { n: chosen.count });
    askTerms(title, t('suspend.text'), null, async (terms) => () => void perform(workOf(title, chosen, { action: 'suspend', ...terms }), done));
  };
  const sure = (what: 'revoke' | 'keys' | 'resume', work: (title: string, chosen: Chosen) => Promise<Work> | Work) => async (chosen: Chosen) => {
    const title = t(`bulk.${what}.title`, { n: chosen.count });
    if (!(await confirm(title, h('p', null, t(`bulk.${what}.text`)), t(`bulk.${what}`)))) return;
    try {
      await perform(await work(title, chosen), done);
    } catch (error) {
      trouble.replaceChildren(failure(error));
    }
  };
  const remove = async (chosen: Chosen) => {
    const title = t('bulk.delete.title', { n: chosen.count });
    const purge = h('input', { type: 'checkbox' });
    const text = [h('p', null, t('bulk.delete.text')), h('label', { class: 'choice' }, purge, t('delete.purge'))];
    if (!(await confirm(title, text, t('bulk.delete'), String(chosen.count)))) return;
    const work = workOf(title, chosen, { action: 'delete', ...(purge.checked ? { purge: true } : {}) });
    await perform(work, (ended) => {
      done();
      if (!purge.checked) offerUndo(ended, done);
    });
  };
  // The API has no call that deletes the keys of many, so it is known before who they are.
  const keys = async (title: string, chosen: Chosen) => {
    const items = 'items' in chosen ? chosen.items : await collect(chosen.query);
    return oneByOne(title, items, ({ id }) => call(() => deleteUserApiKeys({ client, path: { id } })));
  };
  return h(
    'div',
    null,
    trouble,
    h(
      'div',
      { class: 'bulk' },
      button('bulk.role', role),
      groups.length > 0 && button('bulk.addGroup', group('bulk.addGroup.title', 'add_to_group')),
      groups.length > 0 && button('bulk.removeGroup', group('bulk.removeGroup.title', 'remove_from_group')),
      button('bulk.revoke', sure('revoke', (title, chosen) => workOf(title, chosen, { action: 'revoke' }))),
      button('bulk.keys', sure('keys', keys)),
      button('bulk.suspend', suspend),
      button('bulk.resume', sure('resume', (title, chosen) => workOf(title, chosen, { action: 'resume' }))),
      button('bulk.delete', remove, true),
    ),
  );
}

/** Offers to bring back those who were deleted. Whoever was not kept has a result that says so. */
function offerUndo(work: Work, done: () => void): void {
  const gone = work.results.filter((result) => result.error === null && result.id);
  if (gone.length === 0) return;
  const restore = (item: Item) => call(() => restoreUserById({ client, path: { id: item.id } }));
  const undo = () => perform(oneByOne(t('bulk.restore.title', { n: gone.length }), gone, restore), done);
  toast(t('bulk.deleted', { n: gone.length }), { label: t('delete.undo'), run: () => void undo() });
}

/** Everybody whom a query finds, page by page. */
async function collect(query: Query): Promise<Item[]> {
  const found: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = await call(() => getUsers({ client, query: { ...query, limit: PAGE, ...(cursor ? { cursor } : {}) } }));
    found.push(...page.users.map(({ id, name }) => ({ id, name })));
    cursor = page.next_cursor;
  } while (cursor);
  return found;
}
