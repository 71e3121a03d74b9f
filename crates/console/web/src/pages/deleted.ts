// Deleted people who are still kept: bring them back, or remove them for good.
import { getUserById, listDeletedUsers, purgeUserById, type DeletedUserInfo } from '@rosterd/client';
import { call, client, Failed } from '../api.js';
import { pageTitle } from '../parts/card.js';
import { restoreOne } from '../parts/deletion.js';
import { confirm } from '../parts/dialog.js';
import { fill, h, type Child } from '../parts/h.js';
import { roleTag } from '../parts/people-table.js';
import { empty, failure, part, toast } from '../parts/states.js';
import { table } from '../parts/table.js';
import { size, when } from '../parts/time.js';
import { urlOf, type Page } from '../router.js';
import { t } from '../texts/index.js';

/** How many are read at a time. */
const PAGE = 50;

export const deleted: Page = (place) => {
  const list = h('div');
  const trouble = h('div');
  const draw = () => fill(list, part(() => content(undefined, []), place.left));
  const read = (cursor: string | undefined) => call(() => listDeletedUsers({ client, query: { limit: PAGE, ...(cursor ? { cursor } : {}) } }));

  /** The names of those who deleted somebody, `null` for an account that is gone itself. They are few. */
  const names = new Map<string, string | null>();
  async function nameOf(id: string): Promise<void> {
    if (names.has(id)) return;
    names.set(id, null);
    try {
      names.set(id, (await call(() => getUserById({ client, path: { id } }))).name);
    } catch (error) {
      if (!(error instanceof Failed) || error.code !== 'USER_NOT_FOUND') throw error;
    }
  }
  const by = (id: string | null): Child => {
    if (id === null) return t('sessions.method.operator');
    const name = names.get(id);
    return name ? h('a', { href: urlOf(`people/${encodeURIComponent(id)}`) }, name) : `${id.slice(0, 8)}…`;
  };

  async function content(cursor: string | undefined, before: DeletedUserInfo[]): Promise<Child> {
    const page = await read(cursor);
    const all = [...before, ...page.users];
    await Promise.all(page.users.map(({ deleted_by }) => deleted_by !== null && nameOf(deleted_by)));
    if (all.length === 0) return empty(t('deleted.none'), t('deleted.none.next'));
    const next = page.next_cursor;
    const more = next && h('button', { type: 'button', onclick: () => void show(next, all) }, t('people.more'));
    return [
      h('p', { class: 'fine', role: 'status' }, all.length < page.total ? t('people.shown', { shown: all.length, n: page.total }) : t('people.count', { n: page.total })),
      table(t('deleted.title'), heads(), all.map(cells)),
      more && h('div', { class: 'foot' }, more),
    ];
  }

  async function show(cursor: string, before: DeletedUserInfo[]): Promise<void> {
    fill(trouble);
    try {
      const drawn = await content(cursor, before);
      if (!place.left.aborted) fill(list, drawn);
    } catch (error) {
      fill(trouble, failure(error, () => void show(cursor, before)));
    }
  }

  const heads = () => [t('people.name'), t('people.role'), t('deleted.when'), t('deleted.until'), t('deleted.size')];
  const cells = (user: DeletedUserInfo): Child[] => [
    [h('strong', null, user.name), h('div', { class: 'fine' }, user.email)],
    roleTag(user.role),
    [when(user.deleted_at), h('div', { class: 'fine' }, t('events.by'), ' ', by(user.deleted_by))],
    when(user.kept_until),
    size(user.bytes),
    h(
      'div',
      { class: 'row-actions' },
      h('button', { type: 'button', class: 'small', 'aria-label': t('deleted.restoreOf', { name: user.name }), onclick: (event: MouseEvent) => void restore(user, event.currentTarget as HTMLButtonElement) }, t('deleted.restore')),
      h('button', { type: 'button', class: 'small danger', 'aria-label': t('deleted.purgeOf', { name: user.name }), onclick: () => void purge(user) }, t('deleted.purge')),
    ),
  ];

  async function restore(user: DeletedUserInfo, button: HTMLButtonElement): Promise<void> {
    button.disabled = true;
    await restoreOne(user.id, user.name);
    button.disabled = false;
  }

  async function purge(user: DeletedUserInfo): Promise<void> {
    fill(trouble);
    if (!(await confirm(t('deleted.purge.title', { name: user.name }), h('p', null, t('deleted.purge.text')), t('deleted.purge'), user.email))) return;
    try {
      await call(() => purgeUserById({ client, path: { id: user.id } }));
      toast(t('deleted.purged', { name: user.name }));
      draw();
    } catch (error) {
      fill(trouble, failure(error));
    }
  }

  draw();
  const back = h('a', { href: urlOf('people'), class: 'button' }, t('deleted.toPeople'));
  return h(
    'div',
    null,
    pageTitle(t('deleted.title'), h('div', { class: 'actions' }, back)),
    h('p', { class: 'fine' }, t('deleted.text')),
    trouble,
    h('section', { class: 'card', 'aria-label': t('deleted.title') }, list),
  );
};
