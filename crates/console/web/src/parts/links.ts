// Links for others: an invitation, and one for a new password. They are shown once, and go by mail where mail is set up.
import { createUserPasswordLink, inviteUser, type GroupResponse, type MadeLink, type Role } from '@rosterd/client';
import { call, client } from '../api.js';
import { urlOf } from '../router.js';
import { canForget } from '../session.js';
import { t } from '../texts/index.js';
import { openDialog } from './dialog.js';
import type { FieldSpec } from './field.js';
import { makeForm } from './form.js';
import { h } from './h.js';
import { showOnce } from './show-once.js';
import { moment } from './time.js';

/** Seconds for which a link may be good: those that the API takes by itself are the second ones. */
const INVITED = ['86400', '604800', '2592000'] as const;
const FORGOTTEN = ['3600', '86400', '604800'] as const;

function fields(lives: typeof INVITED | typeof FORGOTTEN): FieldSpec[] {
  const life: FieldSpec = { name: 'expires_in', label: t('links.life'), kind: 'select', options: lives.map((value) => ({ value, label: t(`links.life.${value}`) })) };
  return canForget() ? [life, { name: 'mail', label: t('links.mail'), kind: 'switch' }] : [life];
}

const termsOf = (values: Record<string, string | boolean>) => ({ expires_in: Number(values['expires_in']), mail: values['mail'] === true });

/** Shows a link. A server that does not know its own URL gives only the token; the console knows where it is. */
async function present(title: string, email: string, made: MadeLink): Promise<void> {
  const link = made.link ?? `${location.origin}${urlOf('link')}#${made.token}`;
  const sentence = made.mailed ? t('links.mailed', { email }) : t('links.made', { email });
  await showOnce(title, sentence, link, h('p', { class: 'fine' }, t('links.good', { when: moment(made.expires_at * 1000) })));
}

/** Boxes for groups, and the ids of those that are marked. */
function groupBoxes(groups: GroupResponse[]): { element: HTMLElement; ids(): string[] } {
  const boxes = groups.map((group) => h('input', { type: 'checkbox', value: group.id }));
  const lines = boxes.map((box, place) => h('label', { class: 'choice' }, box, groups[place]?.name));
  const element = h('fieldset', { class: 'field' }, h('legend', null, t('groups.title')), h('div', { class: 'scroll few' }, lines));
  return { element, ids: () => boxes.filter((box) => box.checked).map((box) => box.value) };
}

/** Invites somebody: makes the account, and the link with which they choose a password. */
export function invite(groups: GroupResponse[], done: () => void): void {
  const roles = (['user', 'pending', 'admin'] as const).map((value) => ({ value, label: t(`role.${value}`) }));
  const chosen = groupBoxes(groups);
  const form = makeForm({
    draft: 'invite',
    fields: [
      { name: 'name', label: t('people.name'), required: true, maxLength: 255, autocomplete: 'off' },
      { name: 'email', label: t('people.email'), kind: 'email', required: true, autocomplete: 'off' },
      { name: 'role', label: t('people.role'), kind: 'select', options: roles },
      ...fields(INVITED),
    ],
    initial: { role: 'user', expires_in: INVITED[1], mail: canForget() },
    more: groups.length > 0 && chosen.element,
    submit: t('links.invite.send'),
    send: async (values) => {
      const email = String(values['email']);
      const body = { email, name: String(values['name']), role: values['role'] as Role, groups: chosen.ids(), ...termsOf(values) };
      const made = await call(() => inviteUser({ client, body }));
      dialog.close();
      await present(t('links.invited', { name: made.user.name }), made.user.email, made);
      done();
    },
  });
  const dialog = openDialog(t('links.invite'), form.element);
}

/** Makes a link with which somebody sets a new password. */
export function passwordLink({ id, name, email }: { id: string; name: string; email: string }): void {
  const form = makeForm({
    fields: fields(FORGOTTEN),
    initial: { expires_in: FORGOTTEN[1], mail: canForget() },
    submit: t('links.password.send'),
    send: async (values) => {
      const made = await call(() => createUserPasswordLink({ client, path: { id }, body: termsOf(values) }));
      dialog.close();
      await present(t('links.password'), email, made);
    },
  });
  const dialog = openDialog(t('links.password.title', { name }), h('div', null, h('p', { class: 'prose fine' }, t('links.password.text')), form.element));
}
