// The primary administrator: who it is, and handing that over to another one.
import { getUsers, makeUserPrimary } from '@rosterd/client';
import { call, client } from '../api.js';
import { whoAmI } from '../session.js';
import { t } from '../texts/index.js';
import { openDialog } from './dialog.js';
import { makeForm } from './form.js';
import { h, type Child } from './h.js';
import { toast } from './states.js';

const oldest = async (query: { role?: 'admin' }) => {
  const { users } = await call(() => getUsers({ client, query: { ...query, order_by: 'created_at', direction: 'asc', limit: 1 } }));
  return users[0];
};

/** The id of the primary administrator: the oldest account, and among those of one second an administrator. */
export async function primaryId(): Promise<string | null> {
  const [account, admin] = await Promise.all([oldest({}), oldest({ role: 'admin' })]);
  return (admin?.created_at === account?.created_at ? admin : account)?.id ?? null;
}

/** The button with which the primary administrator hands that over to another administrator. */
export function handOver(person: { id: string; name: string; role: string; suspension?: unknown }, primary: string | null, done: () => void): Child {
  const me = whoAmI()?.id;
  if (me === undefined || me !== primary || person.id === me || person.role !== 'admin' || person.suspension) return null;
  return h('button', { type: 'button', onclick: () => ask(person, done) }, t('primary.handOver'));
}

function ask({ id, name }: { id: string; name: string }, done: () => void): void {
  const form = makeForm({
    fields: [{ name: 'password', label: t('account.password.old'), kind: 'password', required: true, autocomplete: 'current-password' }],
    submit: t('primary.send'),
    send: async (values) => {
      await call(() => makeUserPrimary({ client, path: { id }, body: { password: String(values['password']) } }));
      dialog.close();
      toast(t('primary.done', { name }));
      done();
    },
  });
  const dialog = openDialog(t('primary.title', { name }), h('div', null, h('p', { class: 'prose' }, t('primary.text', { name })), form.element));
}
