// The form of somebody's account, for administrators.
import { updateUserById, type Role, type UserGroupIdsModel, type UserModel, type UserRecord } from '@rosterd/client';
import { getUserById, getUsers } from '@rosterd/client';
import { call, callVersioned, client, onlyIf, type Versioned } from '../api.js';
import { t, tOr } from '../texts/index.js';
import { save } from './conflict.js';
import { makeForm } from './form.js';
import { toast } from './states.js';

export type Person = UserModel & { groups?: UserRecord['groups']; is_active?: boolean };

/** Somebody's record, and its version. A database of Open WebUI 0.6 shows the record in lists only. */
export async function readPerson(id: string): Promise<Versioned<Person>> {
  const { data: record, version } = await callVersioned(() => getUserById({ client, path: { id } }));
  if ('email' in record) return { data: record as Person, version };
  const page = await call(() => getUsers({ client, query: { query: record.name, limit: 200 } }));
  const found = page.users.find((user: UserGroupIdsModel) => user.id === id);
  return { data: found ?? (record as unknown as Person), version };
}

interface Fields extends Record<string, string> {
  name: string;
  email: string;
  role: string;
}

const fieldsOf = (person: Person): Fields => ({ name: person.name, email: person.email, role: person.role });

/** The form. `changed` is given the stored record after each save. */
export function profileForm(loaded: Versioned<Person>, changed: (person: Person) => void): HTMLElement {
  let known = loaded;
  const labels = new Map([
    ['name', t('people.name')],
    ['email', t('people.email')],
    ['role', t('people.role')],
  ]);
  const { suspension } = known.data;
  const roles = (['admin', 'user', 'pending'] as const).map((value) => ({ value: value as string, label: t(`role.${value}`) }));
  // A database that another program writes to may hold another text. It stays, unless somebody changes it.
  if (!roles.some((role) => role.value === known.data.role)) roles.push({ value: known.data.role, label: known.data.role });
  // Whoever is suspended has no role that counts. What is shown is the one that comes back; what is stored stays.
  if (suspension) roles.splice(0, roles.length, { value: known.data.role, label: tOr('role', suspension.role) });
  const form = makeForm({
    draft: `person:${known.data.id}`,
    onlyChanges: true,
    fields: [
      { name: 'name', label: t('people.name'), required: true, maxLength: 255, autocomplete: 'off' },
      { name: 'email', label: t('people.email'), kind: 'email', required: true, autocomplete: 'off' },
      { name: 'role', label: t('people.role'), kind: 'select', options: roles, ...(suspension ? { disabled: true, hint: t('suspend.role') } : {}) },
      { name: 'password', label: t('person.password'), kind: 'password', hint: t('person.password.hint'), autocomplete: 'new-password' },
    ],
    initial: { ...fieldsOf(known.data), password: '' },
    submit: t('form.save'),
    send: async (values) => {
      const yours: Fields = { name: String(values['name']), email: String(values['email']), role: String(values['role']) };
      const { id } = known.data;
      const write = (change: Partial<Fields>, { data, version }: Versioned<Person>): Promise<Versioned<Person>> => {
        const whole = { ...fieldsOf(data), ...change };
        const body = { ...whole, role: whole.role as Role, profile_image_url: data.profile_image_url, password: String(values['password']) };
        return callVersioned<UserModel>(() => updateUserById({ client, path: { id }, body, ...onlyIf(version) }));
      };
      const saved = await save({ labels, loaded: fieldsOf(known.data), yours, stored: known, shown: fieldsOf, read: () => readPerson(id), write });
      if (!saved) return false;
      // What the answer does not name any more is over.
      known = { data: { ...known.data, unconfirmed: undefined, ...saved.data }, version: saved.version };
      form.settle({ ...fieldsOf(known.data), password: '' });
      toast(t('form.saved'));
      changed(known.data);
      return true;
    },
  });
  return form.element;
}
