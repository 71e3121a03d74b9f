// The form of somebody's account, for administrators.
import { updateUserById, type Role, type UserGroupIdsModel, type UserModel, type UserRecord } from '@rosterd/client';
import { getUserById, getUsers } from '@rosterd/client';
import { call, client } from '../api.js';
import { t } from '../texts/index.js';
import { merge } from './conflict.js';
import { makeForm } from './form.js';
import { toast } from './states.js';

export type Person = UserModel & { groups?: UserRecord['groups']; is_active?: boolean };

/** Somebody's record. A database of Open WebUI 0.6 shows it in lists only. */
export async function readPerson(id: string): Promise<Person> {
  const record = await call(() => getUserById({ client, path: { id } }));
  if ('email' in record) return record as Person;
  const page = await call(() => getUsers({ client, query: { query: record.name, limit: 200 } }));
  const found = page.users.find((user: UserGroupIdsModel) => user.id === id);
  return found ?? (record as unknown as Person);
}

interface Fields extends Record<string, unknown> {
  name: string;
  email: string;
  role: string;
}

const fieldsOf = (person: Person): Fields => ({ name: person.name, email: person.email, role: person.role });

/** The form. `changed` is given the stored record after each save. */
export function profileForm(loaded: Person, changed: (person: Person) => void): HTMLElement {
  let known = loaded;
  const labels = new Map([
    ['name', t('people.name')],
    ['email', t('people.email')],
    ['role', t('people.role')],
  ]);
  const roles = (['admin', 'user', 'pending'] as const).map((value) => ({ value: value as string, label: t(`role.${value}`) }));
  // A database that another program writes to may hold another text. It stays, unless somebody changes it.
  if (!roles.some((role) => role.value === known.role)) roles.push({ value: known.role, label: known.role });
  const form = makeForm({
    draft: `person:${known.id}`,
    onlyChanges: true,
    fields: [
      { name: 'name', label: t('people.name'), required: true, maxLength: 255, autocomplete: 'off' },
      { name: 'email', label: t('people.email'), kind: 'email', required: true, autocomplete: 'off' },
      { name: 'role', label: t('people.role'), kind: 'select', options: roles },
      { name: 'password', label: t('person.password'), kind: 'password', hint: t('person.password.hint'), autocomplete: 'new-password' },
    ],
    initial: { name: known.name, email: known.email, role: known.role, password: '' },
    submit: t('form.save'),
    send: async (values) => {
      const yours: Fields = { name: String(values['name']), email: String(values['email']), role: String(values['role']) };
      // The call has no version of its own, so what is stored is looked at right before.
      const stored = await readPerson(known.id);
      const change = await merge(labels, fieldsOf(known), yours, fieldsOf(stored));
      if (!change) return false;
      const whole = { ...fieldsOf(stored), ...change };
      const body = { ...whole, role: whole.role as Role, profile_image_url: stored.profile_image_url, password: String(values['password']) };
      const saved = await call(() => updateUserById({ client, path: { id: known.id }, body }));
      known = { ...known, ...saved };
      form.settle({ name: known.name, email: known.email, role: known.role, password: '' });
      toast(t('form.saved'));
      changed(known);
    },
  });
  return form.element;
}
