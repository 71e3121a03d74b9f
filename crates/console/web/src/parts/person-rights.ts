// The rights of somebody, and what gives each of them.
import { getUserPermissionsById, type ExplainedPermissions, type ExplainedRight } from '@rosterd/client';
import { call, client } from '../api.js';
import { urlOf } from '../router.js';
import { t } from '../texts/index.js';
import { h, type Child } from './h.js';
import { mark, rightsTable } from './rights.js';

/** `chat.delete` as its section and the rest. */
function split(right: string): [string, string] {
  const dot = right.indexOf('.');
  return dot < 0 ? ['', right] : [right.slice(0, dot), right.slice(dot + 1)];
}

/** Everything that gives a right: the role, the default rights, groups, and through which group each counts. */
function sources(right: ExplainedRight, { groups }: ExplainedPermissions): Child[] {
  const known = new Map(groups.map((group) => [group.id, group]));
  const nameOf = (id: string) => known.get(id)?.name ?? id;
  const link = (id: string) => h('a', { href: urlOf(`groups/${encodeURIComponent(id)}`) }, nameOf(id));
  const given: Child[] = right.groups.map((id) => {
    const group = known.get(id);
    const through = group?.membership === 'inherited' ? group.through.map(nameOf).join(', ') : '';
    return [link(id), through && ` (${t('groups.via', { names: through })})`];
  });
  if (right.template?.gives) given.unshift(t(right.template.stored ? 'rights.default' : 'rights.configured'));
  if (right.by_role) given.unshift(t('rights.byRole'));
  const withheld: Child[] = right.withheld_by.map((id) => [t('rights.withheld'), ' ', link(id)]);
  return [...given, ...withheld].flatMap((source, place) => (place === 0 ? [source] : ['; ', source]));
}

export async function personRights(id: string): Promise<Child> {
  const explained = (await call(() => getUserPermissionsById({ client, path: { id }, query: { explain: true } }))) as ExplainedPermissions;
  const byName = new Map(explained.rights.map((right) => [right.right, right]));
  const sections = new Map<string, string[]>();
  for (const { right } of explained.rights) {
    const [section, name] = split(right);
    sections.set(section, [...(sections.get(section) ?? []), name]);
  }
  const of = (section: string, name: string) => byName.get(section ? `${section}.${name}` : name);
  const holds = (section: string, name: string) => of(section, name)?.holds === true;
  return rightsTable(
    sections,
    [
      { title: t('rights.result'), cell: (section, name) => mark(holds(section, name)) },
      {
        title: t('rights.from'),
        text: true,
        cell: (section, name) => {
          const right = of(section, name);
          return h('span', { class: 'fine' }, right ? sources(right, explained) : '');
        },
      },
    ],
    holds,
  );
}
