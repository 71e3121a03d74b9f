// One connection by SCIM: what it may do, where the provider finds the server, and whom it would be linked to.
import type { ConnectionInfo } from '@rosterd/client';
import { base, type Versioned } from '../api.js';
import { broad, card, facts, pageTitle } from '../parts/card.js';
import { connectionForm, readConnection } from '../parts/connection-form.js';
import { deletion, rotation } from '../parts/connection-actions.js';
import { linkable } from '../parts/connection-links.js';
import { copied } from '../parts/copied.js';
import { fill, h, type Child } from '../parts/h.js';
import { empty, part } from '../parts/states.js';
import { number, when } from '../parts/time.js';
import { urlOf, type Page, type Place } from '../router.js';
import { t } from '../texts/index.js';
import { lastUsed } from './connections.js';

export const connection: Page = (place) =>
  part(async () => {
    const found = await readConnection(place.params['id'] ?? '');
    return found ? content(found, place) : notThere();
  }, place.left);

const toAll = () => h('a', { href: urlOf('connections'), class: 'button' }, t('connections.all'));

function notThere(): HTMLElement {
  return h('div', null, h('h1', { tabIndex: -1 }, t('connections.notThere')), empty(null, t('connections.notThere.next'), toAll()));
}

/** What is given to the provider as the URL of this server. */
const scimUrl = () => `${location.origin}${base}/scim/v2`;

function content(stored: Versioned<ConnectionInfo>, place: Place): Child {
  const loaded = stored.data;
  const head = h('div');
  const state = h('div');
  const preview = h('div');
  const draw = (connection: ConnectionInfo) => {
    fill(head, pageTitle(connection.name, h('div', { class: 'actions' }, toAll())));
    fill(state, about(connection), rotation(connection, draw));
    fill(preview, linkable(connection, place.left));
  };
  draw(loaded);
  return h(
    'div',
    null,
    head,
    h(
      'div',
      { class: 'cards person' },
      card(t('connections.settings'), connectionForm(stored, draw)),
      card(t('connections.standing'), state),
      broad(t('connections.url'), h('p', { class: 'fine' }, t('connections.url.text')), copied(t('connections.url'), scimUrl())),
      broad(t('connections.linkable'), preview),
      broad(t('connections.delete'), h('p', { class: 'fine' }, t('connections.delete.text')), deletion(loaded)),
    ),
  );
}

function about(connection: ConnectionInfo): HTMLElement {
  const maker = connection.created_by;
  const until = connection.previous_token_until;
  return facts(
    [t('connections.id'), h('code', null, connection.id)],
    [t('connections.users'), number(connection.users)],
    [t('connections.groups'), number(connection.groups)],
    [t('connections.lastUsed'), lastUsed(connection)],
    ...(until === null ? [] : [[t('connections.previous'), [t('connections.previous.until'), ' ', when(until)]] as [string, Child]]),
    [t('connections.created'), when(connection.created_at)],
    [t('connections.maker'), maker === null ? t('connections.maker.server') : h('a', { href: urlOf(`people/${encodeURIComponent(maker)}`) }, t('connections.maker.account'))],
  );
}
