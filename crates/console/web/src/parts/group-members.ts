// The members of a group: search, pages, adding and removing.
import { addUserToGroup, getGroupMembers, removeUserFromGroup, searchUsers, type GetGroupMembersData, type GroupResponse } from '@rosterd/client';
import { call, client } from '../api.js';
import { urlOf } from '../router.js';
import { t } from '../texts/index.js';
import { avatar } from './avatar.js';
import { openDialog } from './dialog.js';
import { fill, h, type Child } from './h.js';
import { roleTag } from './people-table.js';
import { empty, failure, loading, toast } from './states.js';
import { table } from './table.js';

/** What a page of members has (rule M7). */
const PAGE = 30;

const MEMBERSHIPS = ['effective', 'direct', 'inherited'] as const;
type Membership = NonNullable<NonNullable<GetGroupMembersData['query']>['membership']>;

export function groupMembers(group: GroupResponse, names: Map<string, string>, left: AbortSignal): HTMLElement {
  let page = 1;
  let turn = 0;
  const search = h('input', { type: 'search', class: 'grow', 'aria-label': t('people.search'), placeholder: t('people.search') });
  const membership = h('select', { 'aria-label': t('groups.membership') }, MEMBERSHIPS.map((value) => h('option', { value }, t(`groups.membership.${value}`))));
  const list = h('div');
  const again = (to: number) => {
    page = to;
    void draw();
  };
  let wait = 0;
  search.addEventListener('input', () => {
    clearTimeout(wait);
    wait = window.setTimeout(() => again(1), 250);
  });
  membership.addEventListener('change', () => again(1));

  const remove = async (id: string) => {
    try {
      await call(() => removeUserFromGroup({ client, path: { id: group.id }, body: { user_ids: [id] } }));
      toast(t('form.saved'));
      again(page);
    } catch (error) {
      fill(list, failure(error, () => again(page)));
    }
  };

  async function draw(): Promise<void> {
    turn += 1;
    const mine = turn;
    try {
      const query = { membership: membership.value as Membership, query: search.value.trim(), page };
      const found = await call(() => getGroupMembers({ client, path: { id: group.id }, query }));
      if (mine !== turn || left.aborted) return;
      const pages = Math.max(1, Math.ceil(found.total / PAGE));
      if (found.items.length === 0) return void fill(list, empty(t('groups.noMembers'), t('groups.noMembers.next')));
      const rows = found.items.map((member) => {
        const inherited = member.membership_type === 'inherited';
        const via = member.via_group_ids.map((id) => names.get(id) ?? id).join(', ');
        return [
          h('div', { class: 'who' }, avatar(member), h('div', null, h('a', { href: urlOf(`people/${encodeURIComponent(member.id)}`) }, member.name), h('div', { class: 'fine' }, member.email))),
          [roleTag(member.role), inherited && h('div', { class: 'fine' }, t('groups.via', { names: via }))],
          !inherited && h('button', { type: 'button', class: 'small', 'aria-label': t('groups.removeOf', { name: member.name }), onclick: () => void remove(member.id) }, t('groups.remove')),
        ];
      });
      fill(list, table(t('groups.memberTable'), [t('people.name'), t('people.role')], rows), pages > 1 && pager(page, pages, again));
    } catch (error) {
      if (!left.aborted) fill(list, failure(error, () => void draw()));
    }
  }
  fill(list, loading());
  void draw();
  const add = h('button', { type: 'button', onclick: () => void addMembers(group, () => again(1)) }, t('groups.addMembers'));
  return h('div', null, h('div', { class: 'bar' }, search, membership, add), list);
}

function pager(page: number, pages: number, to: (page: number) => void): HTMLElement {
  return h(
    'div',
    { class: 'pager' },
    h('button', { type: 'button', disabled: page <= 1, onclick: () => to(page - 1) }, t('groups.previous')),
    h('span', { class: 'fine' }, t('groups.page', { page, pages: String(pages) })),
    h('button', { type: 'button', disabled: page >= pages, onclick: () => to(page + 1) }, t('groups.next')),
  );
}

/** Finds people and makes them members. */
async function addMembers(group: GroupResponse, done: () => void): Promise<void> {
  const chosen = new Map<string, string>();
  const search = h('input', { type: 'search', 'aria-label': t('groups.addMembers.search'), placeholder: t('groups.addMembers.search') });
  const found = h('div', { class: 'pick scroll' });
  const trouble = h('div');
  const button = h('button', { class: 'primary', disabled: true }, t('groups.addMembers.send', { n: 0 }));
  let turn = 0;
  const draw = async () => {
    turn += 1;
    const mine = turn;
    try {
      const page = await call(() => searchUsers({ client, query: { query: search.value.trim(), limit: 30, order_by: 'name', direction: 'asc' } }));
      if (mine !== turn) return;
      const entry = (person: { id: string; name: string; email: string }): Child => {
        const box = h('input', { type: 'checkbox', checked: chosen.has(person.id) });
        box.addEventListener('change', () => {
          if (box.checked) chosen.set(person.id, person.name);
          else chosen.delete(person.id);
          button.disabled = chosen.size === 0;
          button.textContent = t('groups.addMembers.send', { n: chosen.size });
        });
        return h('li', null, h('label', { class: 'choice' }, box, h('span', null, person.name, h('span', { class: 'fine' }, ` ${person.email}`))));
      };
      fill(found, page.users.length ? h('ul', { class: 'lines' }, page.users.map(entry)) : h('p', { class: 'fine' }, t('people.none')));
    } catch (error) {
      fill(found, failure(error, () => void draw()));
    }
  };
  search.addEventListener('input', () => void draw());
  const send = async (event: SubmitEvent) => {
    event.preventDefault();
    button.disabled = true;
    try {
      await call(() => addUserToGroup({ client, path: { id: group.id }, body: { user_ids: [...chosen.keys()] } }));
      dialog.close();
      toast(t('form.saved'));
      done();
    } catch (error) {
      button.disabled = false;
      fill(trouble, failure(error));
    }
  };
  const form = h('form', { onsubmit: (event: SubmitEvent) => void send(event) }, search, found, trouble, h('div', { class: 'actions' }, button));
  const dialog = openDialog(t('groups.addMembers'), form);
  void draw();
  await dialog.closed;
}
