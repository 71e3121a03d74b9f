// The rights of a group: what the defaults and the groups above give, what it gives itself, and what results.
import { getGroupById, updateGroupById, type GroupResponse } from '@rosterd/client';
import { callVersioned, client, onlyIf, type Versioned } from '../api.js';
import { t } from '../texts/index.js';
import { save as saveOver } from './conflict.js';
import { draftOf, dropDraft, keepDraft } from './draft.js';
import { restored } from './form.js';
import { fill, h } from './h.js';
import { box, has, mark, rightName, rightsOf, rightsTable, type Tree } from './rights.js';
import { failure, toast } from './states.js';

/** A tree as flat entries: `chat.delete`. Deeper ones stay in the tree, which is changed in place. */
function flat(tree: Tree | null | undefined): Record<string, boolean> {
  const entries: Record<string, boolean> = {};
  for (const [section, part] of Object.entries(tree ?? {})) {
    if (typeof part !== 'object' || part === null) continue;
    for (const [right, value] of Object.entries(part)) if (typeof value === 'boolean') entries[`${section}.${right}`] = value;
  }
  return entries;
}

/** The tree with some entries set. All others stay as they are. */
function withEntries(tree: Tree | null | undefined, entries: Record<string, boolean>): Tree {
  const result: Tree = structuredClone(tree ?? {});
  for (const [name, value] of Object.entries(entries)) {
    const [section = '', right = ''] = name.split('.');
    const part = result[section];
    const known = typeof part === 'object' ? part : {};
    known[right] = value;
    result[section] = known;
  }
  return result;
}

/** A group and its version. */
export const readGroup = (id: string) => callVersioned<GroupResponse>(() => getGroupById({ client, path: { id } }));

export function groupRights(known: Versioned<GroupResponse>, template: Tree, above: GroupResponse[], changed: () => void): HTMLElement {
  const group = known.data;
  const draft = `rights:${group.id}`;
  const stored = (group.permissions ?? null) as Tree | null;
  const mine: Record<string, boolean> = {};
  for (const [name, value] of Object.entries(draftOf(draft) ?? {})) mine[name] = value === true;
  const parents = above.map((one) => one.permissions as Tree | null);
  const place = h('div');
  const notice = h('div');
  const save = h('button', { type: 'button', class: 'primary', onclick: () => void send() }, t('rights.save'));
  const own = (section: string, right: string) => mine[`${section}.${right}`] ?? has(stored, section, right);
  const inherited = (section: string, right: string) => parents.some((tree) => has(tree, section, right));
  const results = new Map<string, HTMLElement>();
  const given = (section: string, right: string) => own(section, right) || has(template, section, right) || inherited(section, right);

  const set = (section: string, right: string, checked: boolean) => {
    const name = `${section}.${right}`;
    if (checked === has(stored, section, right)) delete mine[name];
    else mine[name] = checked;
    const result = results.get(name);
    if (result) fill(result, mark(given(section, right)));
    save.disabled = Object.keys(mine).length === 0;
    if (save.disabled) dropDraft(draft);
    else keepDraft(draft, mine);
  };
  const draw = () => {
    fill(
      place,
      rightsTable(
        rightsOf(template, ...parents, stored),
        [
          { title: t('rights.template'), cell: (section, right) => mark(has(template, section, right)) },
          { title: t('rights.parents'), cell: (section, right) => mark(inherited(section, right)) },
          { title: t('rights.own'), cell: (section, right) => box(`${rightName(right)}: ${t('rights.own')}`, own(section, right), (checked) => set(section, right, checked)) },
          {
            title: t('rights.result'),
            cell: (section, right) => {
              const result = h('span', null, mark(given(section, right)));
              results.set(`${section}.${right}`, result);
              return result;
            },
          },
        ],
        given,
      ),
    );
    save.disabled = Object.keys(mine).length === 0;
  };
  const discard = () => {
    dropDraft(draft);
    for (const name of Object.keys(mine)) delete mine[name];
    fill(notice);
    draw();
  };

  async function send(): Promise<void> {
    save.disabled = true;
    try {
      const names = Object.keys(mine);
      const shown = ({ permissions }: GroupResponse): Record<string, boolean> => {
        const rights = flat(permissions as Tree | null);
        return Object.fromEntries(names.map((name) => [name, rights[name] ?? false]));
      };
      const write = (change: Record<string, boolean | undefined>, { data, version }: Versioned<GroupResponse>) => {
        const permissions = withEntries(data.permissions as Tree | null, change as Record<string, boolean>);
        const body = { name: data.name, description: data.description, permissions };
        return callVersioned<GroupResponse>(() => updateGroupById({ client, path: { id: group.id }, body, ...onlyIf(version) }));
      };
      const labels = new Map(names.map((name) => [name, name]));
      const saved = await saveOver({ labels, loaded: shown(group), yours: mine, stored: known, shown, read: () => readGroup(group.id), write });
      if (!saved) return;
      dropDraft(draft);
      toast(t('form.saved'));
      changed();
    } catch (error) {
      fill(notice, failure(error));
    } finally {
      save.disabled = false;
    }
  }
  draw();
  if (Object.keys(mine).length) fill(notice, restored(discard));
  return h('div', null, place, notice, h('div', { class: 'actions' }, save));
}
