// The own account: profile, picture, password, sessions, keys, and what happened to it.
import {
  deleteApiKey,
  deleteApiKeyById,
  endOtherSessions,
  endSession,
  getAdminDetails,
  getBackendConfig,
  getLastSignIn,
  getSessions,
  getUserEvents,
  listApiKeys,
  resendEmailConfirmation,
  updateUserPassword,
  updateUserProfile,
  type SessionUser,
} from '@rosterd/client';
import { call, client, Failed } from '../api.js';
import { avatar } from '../parts/avatar.js';
import { broad, card, pageTitle } from '../parts/card.js';
import { merge } from '../parts/conflict.js';
import { crop } from '../parts/crop.js';
import { eventList } from '../parts/events.js';
import { makeForm } from '../parts/form.js';
import { fill, h, type Child } from '../parts/h.js';
import { keyList } from '../parts/keys.js';
import { lookFields } from '../parts/look.js';
import { newKey } from '../parts/new-key.js';
import { keptUnder } from '../parts/new-password.js';
import { sessionList } from '../parts/sessions.js';
import { failure, part, toast } from '../parts/states.js';
import { ago, when } from '../parts/time.js';
import type { Page } from '../router.js';
import { reread, serverConfig, whoAmI } from '../session.js';
import { t } from '../texts/index.js';

export const account: Page = (place) => part(async () => content(await reread(), place.left), place.left);

function content(me: SessionUser, left: AbortSignal): HTMLElement {
  const waits = me.role === 'pending';
  const sessions = sessionList({
    left,
    list: () => call(() => getSessions({ client })),
    end: (id) => call(() => endSession({ client, path: { id } })),
    endAll: { label: t('sessions.endOthers'), question: t('bulk.revoke.text'), run: () => call(() => endOtherSessions({ client })) },
  });
  const keys = keyList({
    left,
    list: () => call(() => listApiKeys({ client })),
    remove: (key) => (key.name === null ? call(() => deleteApiKey({ client })) : call(() => deleteApiKeyById({ client, path: { id: key.id } }))),
    actions: (again) => h('button', { type: 'button', onclick: () => newKey(again) }, t('keys.new')),
  });
  return h(
    'div',
    null,
    pageTitle(t('account.title')),
    waits && h('div', { class: 'above' }, waiting(me, left)),
    h(
      'div',
      { class: 'cards person' },
      !waits && card(t('account.profile'), picture(me), profile(me)),
      card(t('account.password'), lastSignIn(left), password()),
      broad(t('account.sessions'), sessions),
      broad(t('account.keys'), keys),
      card(t('account.look'), lookFields()),
      broad(t('account.events'), eventList((cursor) => call(() => getUserEvents({ client, query: { limit: 20, ...(cursor ? { cursor } : {}) } })), left, false)),
    ),
  );
}

/** What somebody sees who was not let in yet: to confirm the e-mail address, or whom to ask. */
function waiting(me: SessionUser, left: AbortSignal): HTMLElement {
  return part(async () => ((await isUnconfirmed()) ? unconfirmed(me, left) : unapproved(left)), left);
}

const isUnconfirmed = async () => (await call(() => getBackendConfig({ client }))).email_unconfirmed === true;

function unconfirmed(me: SessionUser, left: AbortSignal): HTMLElement {
  const form = makeForm({ fields: [], submit: t('app.unconfirmed.send'), send: () => resend(me.email) });
  // The link opens in another tab. Whoever comes back from there is in.
  const look = async () => {
    if (!document.hidden && !(await isUnconfirmed())) location.reload();
  };
  // What fails here is tried again the next time.
  document.addEventListener('visibilitychange', () => void look().catch(() => {}), { signal: left });
  return h('div', { class: 'notice' }, h('p', null, h('strong', null, t('app.unconfirmed'))), h('p', null, t('app.unconfirmed.next', { email: me.email })), form.element);
}

/** Asks for another mail. Where that is refused because the account does not wait any more, the console begins anew. */
async function resend(email: string): Promise<void> {
  try {
    await call(() => resendEmailConfirmation({ client }));
    toast(t('app.unconfirmed.sent', { email }));
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    const { code, retryAfter, fields, requestId } = error;
    if (code === 'RATE_LIMIT_EXCEEDED' && retryAfter !== null) {
      // Less than a minute would be "just now".
      const next = ago(Date.now() / 1000 + Math.max(60, retryAfter));
      throw new Failed(t('app.unconfirmed.wait', { when: next }), code, fields, requestId, retryAfter);
    }
    if (code !== 'CONFLICT' || (await isUnconfirmed())) throw error;
    location.reload();
  }
}

function unapproved(left: AbortSignal): HTMLElement {
  const whom = part(async () => {
    try {
      const admin = await call(() => getAdminDetails({ client }));
      return admin.email ? t('app.pending.whom', { name: admin.name ?? '', email: admin.email }) : null;
    } catch (error) {
      // Whom to ask may be switched off.
      if (error instanceof Failed && error.code === 'ACCESS_PROHIBITED') return null;
      throw error;
    }
  }, left);
  return h('div', { class: 'notice' }, h('p', null, h('strong', null, t('app.pending'))), h('p', null, t('app.pending.next')), whom);
}

interface Fields extends Record<string, unknown> {
  name: string;
  bio: string;
  gender: string;
  date_of_birth: string;
}

const fieldsOf = (me: SessionUser): Fields => ({ name: me.name, bio: me.bio ?? '', gender: me.gender ?? '', date_of_birth: me.date_of_birth ?? '' });

function profile(loaded: SessionUser): HTMLElement {
  let known = fieldsOf(loaded);
  const labels = new Map([['name', t('account.name')], ['bio', t('account.bio')], ['gender', t('account.gender')], ['date_of_birth', t('account.born')]]);
  const form = makeForm({
    draft: 'account',
    onlyChanges: true,
    fields: [
      { name: 'name', label: t('account.name'), required: true, maxLength: 255, autocomplete: 'name' },
      { name: 'bio', label: t('account.bio'), kind: 'textarea', maxLength: 2000 },
      { name: 'gender', label: t('account.gender'), maxLength: 100, autocomplete: 'sex' },
      { name: 'date_of_birth', label: t('account.born'), kind: 'date', autocomplete: 'bday' },
    ],
    initial: { ...known } as Record<string, string>,
    submit: t('form.save'),
    send: async (values) => {
      const stored = await reread();
      const change = await merge(labels, known, values as Fields, fieldsOf(stored));
      if (!change) return false;
      const whole = { ...fieldsOf(stored), ...change };
      const orNull = (text: string) => text || null;
      const body = { name: whole.name, profile_image_url: stored.profile_image_url, bio: orNull(whole.bio), gender: orNull(whole.gender), date_of_birth: orNull(whole.date_of_birth) };
      await call(() => updateUserProfile({ client, body }));
      known = fieldsOf(await reread());
      form.settle({ ...known } as Record<string, string>);
      toast(t('form.saved'));
    },
  });
  return form.element;
}

function picture(loaded: SessionUser): HTMLElement {
  const trouble = h('div');
  const shown = h('div', null, avatar(loaded, 'large'));
  const file = h('input', { type: 'file', accept: 'image/png,image/jpeg,image/gif,image/webp', class: 'unseen', tabIndex: -1, 'aria-hidden': 'true' });
  const store = async (url: string) => {
    try {
      const stored = await reread();
      const { name, bio, gender, date_of_birth } = stored;
      await call(() => updateUserProfile({ client, body: { name, profile_image_url: url, bio: bio ?? null, gender: gender ?? null, date_of_birth: date_of_birth ?? null } }));
      fill(shown, avatar(await reread(), 'large'));
      fill(trouble);
      toast(t('form.saved'));
    } catch (error) {
      fill(trouble, failure(error));
    }
  };
  file.addEventListener('change', () => {
    const chosen = file.files?.[0];
    file.value = '';
    if (!chosen) return;
    crop(chosen).then(
      (url) => (url ? store(url) : undefined),
      () => fill(trouble, failure(new Error(t('account.picture.bad')))),
    );
  });
  return h(
    'div',
    { class: 'picture' },
    shown,
    h('div', { class: 'actions start' }, file, h('button', { type: 'button', onclick: () => file.click() }, t('account.picture.choose')), h('button', { type: 'button', onclick: () => void store('/user.png') }, t('account.picture.remove'))),
    trouble,
  );
}

function lastSignIn(left: AbortSignal): HTMLElement {
  return part(async (): Promise<Child> => {
    const last = await call(() => getLastSignIn({ client }));
    if (last.signed_in_at === null) return null;
    return h(
      'p',
      { class: 'fine' },
      ...around(t('account.lastSignIn'), when(last.signed_in_at)),
      ' ',
      last.previous_at !== null && around(t('account.before'), when(last.previous_at)),
      last.failed > 0 && [' ', h('span', { class: 'tag bad' }, t('person.failedSince', { n: last.failed }))],
    );
  }, left);
}

/** A sentence with an element in the place of `{when}`. */
function around(sentence: string, element: HTMLElement): Child[] {
  const [before, after] = sentence.split('{when}');
  return [before, element, after];
}

function password(): HTMLElement {
  if (serverConfig()?.features.enable_password_change_form === false) return h('p', null, t('account.password.off'));
  const form = makeForm({
    fields: [
      { name: 'password', label: t('account.password.old'), kind: 'password', required: true, autocomplete: 'current-password' },
      { name: 'new_password', label: t('account.password.new'), kind: 'password', required: true, hint: t('setup.hint'), autocomplete: 'new-password' },
    ],
    submit: t('account.password.send'),
    send: async (values) => {
      await call(() => updateUserPassword({ client, body: { password: String(values['password']), new_password: String(values['new_password']) } }));
      form.settle({ password: '', new_password: '' });
      toast(t('account.password.done'));
      // This session has ended with all others. The next call says so, and asks for the new password.
      await reread();
    },
  });
  // Password managers store the new password under this name.
  form.element.prepend(keptUnder(whoAmI()?.email ?? ''));
  return form.element;
}
