// Groups: the tree of all, and one of them with its members and rights.
import {
  createNewGroup,
  deleteGroupById,
  getGroups,
  getUserDefaultPermissions,
  updateGroupById,
  type GroupResponse,
} from '@rosterd/client';
import { call, callVersioned, client, onlyIf, type Versioned } from '../api.js';
import { card, facts, pageTitle } from '../parts/card.js';
import { save } from '../parts/conflict.js';
import { confirm, openDialog } from '../parts/dialog.js';
import { eventList, readEvents } from '../parts/events.js';
import { makeForm } from '../parts/form.js';
import { groupMembers } from '../parts/group-members.js';
import { groupRights, readGroup } from '../parts/group-rights.js';
import { groupTree, lineAbove, lineBelow } from '../parts/group-tree.js';
import { fill, h, type Child } from '../parts/h.js';
import type { Tree } from '../parts/rights.js';
import { empty, failure, part, toast } from '../parts/states.js';
import { when } from '../parts/time.js';
import { go, reload, type Page } from '../router.js';
import { t } from '../texts/index.js';

export const groups: Page = (place) =>
  part(async () => {
    const all = await call(() => getGroups({ client }));
    const id = place.params['id'] ?? '';
    const add = h('button', { type: 'button', class: 'primary', onclick: () => void create(all) }, t('groups.add'));
    if (all.length === 0) return [pageTitle(t('groups.title')), empty(t('groups.none'), t('groups.none.next'), add)];
    const chosen = id ? part(() => content(id, all, place.left), place.left) : h('p', { class: 'fine pad' }, t('groups.choose'));
    return [pageTitle(t('groups.title'), add), h('div', { class: id ? 'split has-choice' : 'split' }, groupTree(all, id), chosen)];
  }, place.left);

async function content(id: string, all: GroupResponse[], left: AbortSignal): Promise<Child> {
  const [stored, template] = await Promise.all([readGroup(id), call(() => getUserDefaultPermissions({ client }))]);
  const group = stored.data;
  const names = new Map(all.map((one) => [one.id, one.name]));
  return h(
    'div',
    { class: 'cards' },
    card(
      group.name,
      groupForm(stored, all),
      facts([t('person.id'), h('code', null, group.id)], [t('person.created'), when(group.created_at)]),
    ),
    card(t('groups.memberTable'), groupMembers(group, names, left)),
    card(t('groups.rights'), h('p', { class: 'fine' }, t('groups.rights.text')), groupRights(stored, template as unknown as Tree, lineAbove(all, id), reload)),
    card(t('person.timeline'), eventList((cursor) => readEvents({ subject: id, limit: 20, ...(cursor ? { cursor } : {}) }), left)),
    card(t('groups.delete'), danger(group)),
  );
}

interface Fields extends Record<string, string> {
  name: string;
  description: string;
  parent_group_id: string;
}

const fieldsOf = (group: GroupResponse): Fields => ({ name: group.name, description: group.description, parent_group_id: group.parent_group_id ?? '' });

/** Groups that one may stand below: no group of the line below it. */
function parentsFor(all: GroupResponse[], id: string | null): { value: string; label: string }[] {
  const below = id ? lineBelow(all, id) : new Set<string>();
  const others = all.filter((one) => !below.has(one.id)).toSorted((a, b) => a.name.localeCompare(b.name));
  return [{ value: '', label: t('groups.noParent') }, ...others.map((one) => ({ value: one.id, label: one.name }))];
}

/** Databases of Open WebUI 0.6 have no groups above groups. */
const hasParents = (all: GroupResponse[]) => all.some((group) => group.parent_group_id !== undefined);

function specs(all: GroupResponse[], id: string | null) {
  const parent = { name: 'parent_group_id', label: t('groups.parent'), kind: 'select' as const, options: parentsFor(all, id) };
  return [
    { name: 'name', label: t('groups.name'), required: true, maxLength: 255, autocomplete: 'off' },
    { name: 'description', label: t('groups.description'), kind: 'textarea' as const, maxLength: 2000 },
    ...(all.length === 0 || hasParents(all) ? [parent] : []),
  ];
}

function bodyOf(fields: Record<string, unknown>) {
  const parent = fields['parent_group_id'];
  return {
    name: String(fields['name']),
    description: String(fields['description']),
    ...(parent === undefined ? {} : { parent_group_id: String(parent) || null }),
  };
}

function groupForm(stored: Versioned<GroupResponse>, all: GroupResponse[]): HTMLElement {
  const { id } = stored.data;
  const fields = specs(all, id);
  const labels = new Map(fields.map((field) => [field.name, field.label]));
  const loaded = fieldsOf(stored.data);
  const form = makeForm({
    draft: `group:${id}`,
    onlyChanges: true,
    fields,
    initial: loaded,
    submit: t('form.save'),
    send: async (values) => {
      const write = (change: Partial<Fields>, { data, version }: Versioned<GroupResponse>) => {
        const { parent_group_id, ...rest } = { ...fieldsOf(data), ...change };
        const body = bodyOf(hasParents(all) ? { ...rest, parent_group_id } : rest);
        return callVersioned<GroupResponse>(() => updateGroupById({ client, path: { id }, body, ...onlyIf(version) }));
      };
      const saved = await save({ labels, loaded, yours: values as Partial<Fields> as Fields, stored, shown: fieldsOf, read: () => readGroup(id), write });
      if (!saved) return false;
      form.settle(fieldsOf(saved.data));
      toast(t('form.saved'));
      reload();
      return true;
    },
  });
  return form.element;
}

async function create(all: GroupResponse[]): Promise<void> {
  const form = makeForm({
    draft: 'group',
    fields: specs(all, null),
    submit: t('groups.create'),
    send: async (values) => {
      const made = await call(() => createNewGroup({ client, body: bodyOf(values) }));
      dialog.close();
      go(`groups/${encodeURIComponent(made.id)}`);
    },
  });
  const dialog = openDialog(t('groups.add'), form.element);
  await dialog.closed;
}

function danger(group: GroupResponse): HTMLElement {
  const trouble = h('div');
  const remove = async () => {
    if (!(await confirm(t('groups.delete.title', { name: group.name }), h('p', null, t('groups.delete.text')), t('groups.delete')))) return;
    try {
      await call(() => deleteGroupById({ client, path: { id: group.id } }));
      toast(t('groups.deleted', { name: group.name }));
      go('groups');
    } catch (error) {
      fill(trouble, failure(error));
    }
  };
  return h('div', null, h('p', null, t('groups.delete.text')), trouble, h('div', { class: 'actions start' }, h('button', { type: 'button', class: 'danger', onclick: () => void remove() }, t('groups.delete'))));
}
