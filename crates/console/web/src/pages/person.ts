// Somebody's account: profile, groups, the rights that result, sessions, keys, and what happened.
import {
  deleteUserApiKey,
  deleteUserApiKeys,
  endUserSessionById,
  getUserLastSignInById,
  getUserSessionsById,
  listUserApiKeys,
  revokeUserSessions,
} from '@rosterd/client';
import { call, client, type Versioned } from '../api.js';
import { avatar } from '../parts/avatar.js';
import { broad, card, facts } from '../parts/card.js';
import { deleteButton } from '../parts/deletion.js';
import { confirm } from '../parts/dialog.js';
import { eventList, readEvents } from '../parts/events.js';
import { fill, h, type Child } from '../parts/h.js';
import { handOver, primaryId } from '../parts/hand-over.js';
import { keyList } from '../parts/keys.js';
import { passwordLink } from '../parts/links.js';
import { groupsAndRights } from '../parts/person-groups.js';
import { profileForm, readPerson, type Person } from '../parts/person-profile.js';
import { standing } from '../parts/people-table.js';
import { suspendOne, suspensionNotice } from '../parts/person-suspension.js';
import { sessionList } from '../parts/sessions.js';
import { failure, part, toast } from '../parts/states.js';
import { when } from '../parts/time.js';
import { reload, type Page } from '../router.js';
import { whoAmI } from '../session.js';
import { t, tOr } from '../texts/index.js';

export const person: Page = (place) => {
  const id = place.params['id'] ?? '';
  return part(async () => {
    const stored = await readPerson(id);
    const primary = stored.data.role === 'admin' ? await primaryId() : null;
    return content(stored, primary, place.left);
  }, place.left);
};

function content(stored: Versioned<Person>, primary: string | null, left: AbortSignal): HTMLElement {
  const loaded = stored.data;
  const { id } = loaded;
  const path = { id };
  const head = h('div', { class: 'person-head' });
  const drawHead = (one: Person) => {
    const you = whoAmI()?.id === id;
    fill(
      head,
      avatar(one, 'large'),
      h('div', null, h('h1', { tabIndex: -1 }, one.name), h('p', { class: 'fine' }, one.email), h('p', null, standing(one), id === primary && h('span', { class: 'tag' }, t('primary.tag')), one.is_active && !one.suspension && h('span', { class: 'tag good' }, t('person.activeNow')), you && h('span', { class: 'tag' }, t('person.you')))),
    );
  };
  drawHead(loaded);
  // Another e-mail address may have to be confirmed, and who gives a role answers for it.
  const saved = (one: Person) => (one.unconfirmed?.since === loaded.unconfirmed?.since ? drawHead(one) : reload());
  const { groups, rights } = groupsAndRights(id, left);
  const sessions = sessionList({
    left,
    list: () => call(() => getUserSessionsById({ client, path })),
    end: (session) => call(() => endUserSessionById({ client, path: { id, session_id: session } })),
    endAll: { label: t('sessions.endAll'), question: t('sessions.endAll.title', { name: loaded.name }), run: () => call(() => revokeUserSessions({ client, path })) },
  });
  const keys = keyList({
    left,
    list: () => call(() => listUserApiKeys({ client, path })),
    remove: (key) => call(() => deleteUserApiKey({ client, path: { id, key_id: key.id } })),
    actions: () => null,
  });
  return h(
    'div',
    null,
    head,
    suspensionNotice(loaded, reload),
    unconfirmedNotice(loaded),
    h(
      'div',
      { class: 'cards person' },
      card(t('person.profile'), profileForm(stored, saved), newPasswordLink(loaded), about(loaded, left)),
      card(t('person.groups'), groups),
      broad(t('person.rights'), h('p', { class: 'fine' }, t('person.rights.text')), rights),
      broad(t('person.sessions'), sessions),
      broad(t('person.keys'), keys),
      broad(t('person.timeline'), eventList((cursor) => readEvents({ subject: id, limit: 20, ...(cursor ? { cursor } : {}) }), left)),
      whoAmI()?.id !== id && broad(t('person.danger'), danger(loaded, primary)),
    ),
  );
}

/** What is said of somebody whose e-mail address is to be confirmed. */
function unconfirmedNotice({ unconfirmed }: Person): Child {
  if (!unconfirmed) return null;
  return h(
    'section',
    { class: 'card warned', 'aria-label': t('person.unconfirmed') },
    h('p', null, h('strong', null, t('person.unconfirmed')), '. ', t('person.unconfirmed.sent'), ' ', when(unconfirmed.since), '.'),
    h('p', { class: 'fine' }, t('person.unconfirmed.text', { role: tOr('role', unconfirmed.role) })),
  );
}

/** The button for a link with which somebody sets a new password. Whoever is suspended gets none. */
function newPasswordLink(loaded: Person): Child {
  if (loaded.suspension || whoAmI()?.id === loaded.id) return null;
  return h('div', { class: 'actions start' }, h('button', { type: 'button', onclick: () => passwordLink(loaded) }, t('links.password.ask')));
}

/** What is only looked at. */
function about(loaded: Person, left: AbortSignal): HTMLElement {
  const signIn = part(async () => {
    const last = await call(() => getUserLastSignInById({ client, path: { id: loaded.id } }));
    return [when(last.signed_in_at), last.failed > 0 && h('span', { class: 'tag bad' }, t('person.failedSince', { n: last.failed }))];
  }, left);
  return facts(
    [t('person.id'), h('code', null, loaded.id)],
    [t('person.created'), when(loaded.created_at)],
    [t('person.lastActive'), when(loaded.last_active_at)],
    [t('person.lastSignIn'), signIn],
  );
}

function danger(loaded: Person, primary: string | null): HTMLElement {
  const { id, name } = loaded;
  const trouble = h('div');
  const run = async (act: () => Promise<void>) => {
    try {
      await act();
    } catch (error) {
      fill(trouble, failure(error));
    }
  };
  const shutOut = async () => {
    if (!(await confirm(t('person.shutOut.title', { name }), h('p', null, t('person.shutOut.text')), t('person.shutOut')))) return;
    await run(async () => {
      await call(() => revokeUserSessions({ client, path: { id } }));
      await call(() => deleteUserApiKeys({ client, path: { id } }));
      toast(t('person.shutOut.done'));
      reload();
    });
  };
  return h(
    'div',
    null,
    h('p', null, t('person.danger.text')),
    trouble,
    h('div', { class: 'actions start' }, handOver(loaded, primary, reload), !loaded.suspension && h('button', { type: 'button', onclick: () => suspendOne(loaded, reload) }, t('suspend.ask')), h('button', { type: 'button', onclick: () => void shutOut() }, t('person.shutOut')), deleteButton(loaded, trouble)),
  );
}
