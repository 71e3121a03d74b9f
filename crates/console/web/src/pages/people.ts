// The list of people: find them, select them, and do something to many.
import { addUser, getGroups, getUsers, type GroupResponse, type Role } from '@rosterd/client';
import { call, client } from '../api.js';
import { bulkActions, type Chosen } from '../parts/bulk.js';
import { toDeleted } from '../parts/deletion.js';
import { openDialog } from '../parts/dialog.js';
import { makeForm } from '../parts/form.js';
import { fill, h, type Child } from '../parts/h.js';
import { invite } from '../parts/links.js';
import { filterFields, isFiltered, readFilter, toQuery, writeFilter, type Filter } from '../parts/people-filter.js';
import { peopleTable, type PeopleTable } from '../parts/people-table.js';
import { Selection } from '../parts/selection.js';
import { empty, failure, loading, toast } from '../parts/states.js';
import { go, keepInUrl, urlOf, type Page } from '../router.js';
import { t } from '../texts/index.js';

/** How many people are read at a time. */
const PAGE = 100;

export const people: Page = (place) => {
  let filter = readFilter(place.query);
  let groups: GroupResponse[] = [];
  let table: PeopleTable | null = null;
  let total = 0;
  /** Ends what is on its way for another filter. */
  let stale = new AbortController();
  const selection = new Selection();
  const list = h('div', { class: 'list' });
  const foot = h('div', { class: 'foot' });
  const count = h('p', { class: 'fine', role: 'status' });
  const chosen = h('div', { class: 'chosen-bar', hidden: true });
  const bar = h('div');
  place.left.addEventListener('abort', () => stale.abort());

  const change = (next: Filter) => {
    filter = next;
    keepInUrl(writeFilter(filter));
    selection.clear();
    void begin();
  };
  const clear = () => {
    change({ ...filter, query: '', role: '', status: '', group: '', active: '' });
    drawFilter();
  };
  const drawFilter = () => fill(bar, filterFields(filter, groups, change));

  async function begin(): Promise<void> {
    stale.abort();
    stale = new AbortController();
    const { signal } = stale;
    const late = setTimeout(() => list.setAttribute('aria-busy', 'true'), 150);
    try {
      const page = await call(() => getUsers({ client, query: { ...toQuery(filter), limit: PAGE }, signal }));
      if (signal.aborted) return;
      total = page.total;
      table = peopleTable(new Map(groups.map((group) => [group.id, group.name])), filter.order, (order) => change({ ...filter, order }), selection);
      if (page.users.length) fill(list, table.element);
      else fill(list, empty(t('people.none'), t('people.none.next'), isFiltered(filter) && h('button', { type: 'button', onclick: clear }, t('people.clear'))));
      table.add(page.users);
      offer(page.next_cursor);
      drawSelection();
    } catch (error) {
      if (!signal.aborted) fill(list, failure(error, () => void begin()));
    } finally {
      clearTimeout(late);
      if (!signal.aborted) list.removeAttribute('aria-busy');
    }
  }

  function offer(cursor: string | undefined): void {
    const shown = table?.shown().length ?? 0;
    count.textContent = shown < total ? t('people.shown', { shown, n: total }) : t('people.count', { n: total });
    fill(foot, shown > 0 && h('p', { class: 'fine' }, t('people.keys')));
    if (!cursor) return;
    const button = h('button', { type: 'button' }, t('people.more'));
    button.addEventListener('click', () => void more(cursor, button));
    foot.prepend(button);
  }

  async function more(cursor: string, button: HTMLButtonElement): Promise<void> {
    const { signal } = stale;
    button.disabled = true;
    try {
      const page = await call(() => getUsers({ client, query: { ...toQuery(filter), limit: PAGE, cursor }, signal }));
      if (signal.aborted) return;
      table?.add(page.users);
      offer(page.next_cursor);
      foot.querySelector('button')?.focus();
    } catch (error) {
      if (!signal.aborted) fill(foot, failure(error, () => void more(cursor, button)));
    }
  }

  function drawSelection(): void {
    table?.mark();
    const n = selection.size;
    chosen.hidden = n === 0;
    if (n === 0) return fill(chosen), undefined;
    const matching = h('button', { type: 'button', class: 'link', onclick: () => selection.everybody(total) }, t('people.selectMatching', { n: total }));
    fill(
      chosen,
      h('p', null, h('strong', null, t('people.selected', { n })), ' ', n < total && matching, ' ', h('button', { type: 'button', class: 'link', onclick: () => selection.clear() }, t('people.selectNone'))),
      bulkActions(chosenNow, groups, again),
    );
  }
  selection.addEventListener('change', drawSelection);

  function chosenNow(): Chosen {
    const count = selection.size;
    if (!selection.isEverybody) return { count, items: selection.items };
    return { count, query: toQuery(filter), shown: table?.shown() ?? [] };
  }

  /** Work has changed rows: they are read again, and nothing of a page that was left. */
  function again(): void {
    if (place.left.aborted) return;
    selection.clear();
    void begin();
  }

  const start = async () => {
    fill(list, loading());
    try {
      groups = (await call(() => getGroups({ client }))).toSorted((a, b) => a.name.localeCompare(b.name));
    } catch (error) {
      return void (place.left.aborted || fill(list, failure(error, () => void start())));
    }
    drawFilter();
    await begin();
  };
  void start();
  const add = h('button', { type: 'button', class: 'primary', onclick: () => void addSomebody() }, t('people.add'));
  const ask = h('button', { type: 'button', onclick: () => invite(groups, again) }, t('links.invite'));
  return h('div', null, h('div', { class: 'title' }, h('h1', { tabIndex: -1 }, t('people.title')), h('div', { class: 'actions' }, toDeleted(), h('a', { href: urlOf('import'), class: 'button' }, t('import.title')), ask, add)), bar, count, chosen, list, foot);
};

/** Creates an account for somebody else. */
async function addSomebody(): Promise<void> {
  const roles = (['user', 'pending', 'admin'] as const).map((value) => ({ value, label: t(`role.${value}`) }));
  const form = makeForm({
    draft: 'add',
    fields: [
      { name: 'name', label: t('people.name'), required: true, maxLength: 255, autocomplete: 'off' },
      { name: 'email', label: t('people.email'), kind: 'email', required: true, autocomplete: 'off' },
      { name: 'role', label: t('people.role'), kind: 'select', options: roles },
      { name: 'password', label: t('signIn.password'), kind: 'password', required: true, hint: t('setup.hint'), autocomplete: 'new-password' },
    ],
    initial: { role: 'user' },
    submit: t('person.add.send'),
    send: async (values) => {
      const body = { name: String(values['name']), email: String(values['email']), password: String(values['password']), role: values['role'] as Role };
      const added = await call(() => addUser({ client, body }));
      dialog.close();
      toast(t('person.added', { name: added.name }));
      go(`people/${encodeURIComponent(added.id)}`);
    },
  });
  const dialog = openDialog(t('person.add'), form.element as Child);
  await dialog.closed;
}
