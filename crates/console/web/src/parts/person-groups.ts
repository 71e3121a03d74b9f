// The groups of somebody and the rights that result from them.
import {
  addUserToGroup,
  getGroups,
  getUserGroupsById,
  removeUserFromGroup,
  type UserGroup,
} from '@rosterd/client';
import { call, client } from '../api.js';
import { urlOf } from '../router.js';
import { t } from '../texts/index.js';
import { h, type Child } from './h.js';
import { personRights } from './person-rights.js';
import { empty, failure, part, toast } from './states.js';

const groupsOf = (id: string) => call(() => getUserGroupsById({ client, path: { id }, query: { include_inherited: true } }));

const isInherited = (group: UserGroup) => 'membership_type' in group && group.membership_type === 'inherited';

/** Groups and rights, as two sections that change together. */
export function groupsAndRights(id: string, left: AbortSignal): { groups: HTMLElement; rights: HTMLElement } {
  const groups = h('div');
  const rights = h('div');
  const draw = () => {
    groups.replaceChildren(part(() => groupContent(id, draw), left));
    rights.replaceChildren(part(() => personRights(id), left));
  };
  draw();
  return { groups, rights };
}

async function groupContent(id: string, again: () => void): Promise<Child> {
  const [own, all] = await Promise.all([groupsOf(id), call(() => getGroups({ client }))]);
  const trouble = h('div');
  const change = async (run: () => Promise<unknown>) => {
    try {
      await run();
      toast(t('form.saved'));
      again();
    } catch (error) {
      trouble.replaceChildren(failure(error));
    }
  };
  const remove = (group: UserGroup) =>
    h('button', { type: 'button', class: 'small', 'aria-label': t('person.groups.remove', { name: group.name }), onclick: () => void change(() => call(() => removeUserFromGroup({ client, path: { id: group.id }, body: { user_ids: [id] } }))) }, t('groups.remove'));
  const entries = own.map((group) =>
    h('li', null, h('a', { href: urlOf(`groups/${encodeURIComponent(group.id)}`) }, group.name), isInherited(group) ? h('span', { class: 'fine' }, t('person.groups.inherited')) : remove(group)),
  );
  const direct = new Set(own.filter((group) => !isInherited(group)).map((group) => group.id));
  const others = all.filter((group) => !direct.has(group.id)).toSorted((a, b) => a.name.localeCompare(b.name));
  const select = h('select', { 'aria-label': t('person.groups.add') }, others.map((group) => h('option', { value: group.id }, group.name)));
  const add = h('button', { type: 'button', onclick: () => void change(() => call(() => addUserToGroup({ client, path: { id: select.value }, body: { user_ids: [id] } }))) }, t('person.groups.add'));
  return [
    own.length ? h('ul', { class: 'lines' }, entries) : empty(t('person.groups.none'), t('person.groups.none.next')),
    trouble,
    others.length > 0 && h('div', { class: 'bar' }, select, add),
  ];
}
