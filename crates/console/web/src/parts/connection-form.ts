// The form of a connection: a new one in a dialog, and one that is changed.
import { createScimConnection, getScimConnection, updateScimConnection, type ConnectionInfo, type GroupRule } from '@rosterd/client';
import { call, callVersioned, client, Failed, onlyIf, type Versioned } from '../api.js';
import { t } from '../texts/index.js';
import { save } from './conflict.js';
import { openDialog } from './dialog.js';
import type { FieldSpec } from './field.js';
import { makeForm, type Values } from './form.js';
import { h } from './h.js';
import { showOnce } from './show-once.js';
import { toast } from './states.js';

const GROUP_RULES = ['make', 'existing', 'none'] as const satisfies readonly GroupRule[];
const ROLES = ['user', 'pending'] as const;

const fields = (): FieldSpec[] => [
  { name: 'name', label: t('connections.name'), hint: t('connections.name.hint'), required: true, maxLength: 100, autocomplete: 'off' },
  {
    name: 'default_role',
    label: t('connections.role'),
    hint: t('connections.role.hint'),
    kind: 'select',
    options: ROLES.map((role) => ({ value: role, label: t(`role.${role}`) })),
  },
  {
    name: 'group_rule',
    label: t('connections.groupRule'),
    hint: t('connections.groupRule.hint'),
    kind: 'select',
    options: GROUP_RULES.map((rule) => ({ value: rule, label: t(`connections.groupRule.${rule}`) })),
  },
  { name: 'links_by_email', label: t('connections.links'), hint: t('connections.links.hint'), kind: 'switch' },
  { name: 'takes_passwords', label: t('connections.passwords'), hint: t('connections.passwords.hint'), kind: 'switch' },
  { name: 'deletes_accounts', label: t('connections.deletes'), hint: t('connections.deletes.hint'), kind: 'switch' },
];

type Settings = Pick<ConnectionInfo, 'name' | 'group_rule' | 'links_by_email' | 'takes_passwords' | 'deletes_accounts'> & { default_role: (typeof ROLES)[number] };

const roleOf = (role: unknown) => ROLES.find((known) => known === role) ?? 'user';

/** What the form shows of a connection. */
const shown = ({ name, default_role, group_rule, links_by_email, takes_passwords, deletes_accounts }: ConnectionInfo): Settings => ({
  name,
  default_role: roleOf(default_role),
  group_rule,
  links_by_email,
  takes_passwords,
  deletes_accounts,
});

/** As careful as can be, as the server has it. */
const USUAL: Omit<Settings, 'name'> = { default_role: 'user', group_rule: 'make', links_by_email: false, takes_passwords: false, deletes_accounts: false };

const typed = (values: Values): Settings => ({
  name: String(values['name']).trim(),
  default_role: roleOf(values['default_role']),
  group_rule: GROUP_RULES.find((rule) => rule === values['group_rule']) ?? 'make',
  links_by_email: values['links_by_email'] === true,
  takes_passwords: values['takes_passwords'] === true,
  deletes_accounts: values['deletes_accounts'] === true,
});

const readStored = (id: string) => callVersioned<ConnectionInfo>(() => getScimConnection({ client, path: { id } }));

/** The connection with this id and its version; `null` where there is none. */
export async function readConnection(id: string): Promise<Versioned<ConnectionInfo> | null> {
  try {
    return await readStored(id);
  } catch (error) {
    if (error instanceof Failed && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}

/** Asks for a new connection and shows its token. `made` is called when that was closed. */
export function newConnection(made: (id: string) => void): void {
  const form = makeForm({
    draft: 'connection',
    fields: fields(),
    initial: { ...USUAL },
    submit: t('connections.create'),
    send: async (values) => {
      const connection = await call(() => createScimConnection({ client, body: typed(values) }));
      dialog.close();
      await showToken(connection.token);
      made(connection.id);
    },
  });
  const dialog = openDialog(t('connections.new'), form.element);
}

/** Shows a token once. */
export function showToken(token: string): Promise<void> {
  return showOnce(t('connections.token'), t('connections.token.made'), token, h('p', { class: 'fine' }, t('connections.token.next')));
}

/** The form of a connection that is there. `changed` is given what is stored after each save. */
export function connectionForm(loaded: Versioned<ConnectionInfo>, changed: (connection: ConnectionInfo) => void): HTMLElement {
  const { id } = loaded.data;
  let known = loaded;
  const labels = new Map(fields().map((field) => [field.name, field.label]));
  const form = makeForm({
    draft: `connection:${id}`,
    onlyChanges: true,
    fields: fields(),
    initial: shown(known.data),
    submit: t('form.save'),
    send: async (values) => {
      // What is not sent stays as it is. So only a field that both have changed needs a choice.
      const write = (body: Partial<Settings>, { version }: Versioned<ConnectionInfo>) => callVersioned<ConnectionInfo>(() => updateScimConnection({ client, path: { id }, body, ...onlyIf(version) }));
      const saved = await save({ labels, loaded: shown(known.data), yours: typed(values), stored: known, shown, read: () => readStored(id), write });
      if (!saved) return false;
      known = saved;
      form.settle(shown(known.data));
      toast(t('form.saved'));
      changed(known.data);
      return true;
    },
  });
  return form.element;
}
