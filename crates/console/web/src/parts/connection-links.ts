// Whom a connection would be linked to by e-mail address: shown before the setting is switched on.
import { listScimLinkableUsers, type ConnectionInfo, type LinkableUser } from '@rosterd/client';
import { call, client } from '../api.js';
import { urlOf } from '../router.js';
import { t } from '../texts/index.js';
import { fill, h } from './h.js';
import { part } from './states.js';
import { table } from './table.js';

/** A button that asks for the accounts, and then those. */
export function linkable(connection: ConnectionInfo, left: AbortSignal): HTMLElement {
  const place = h('div');
  const show = () =>
    fill(
      place,
      part(async () => {
        const { users, total } = await call(() => listScimLinkableUsers({ client, path: { id: connection.id } }));
        if (total === 0) return h('p', { role: 'status' }, t('connections.linkable.none'));
        return [h('p', { role: 'status' }, t('connections.linkable.count', { n: total, shown: users.length })), list(users)];
      }, left),
    );
  return h(
    'div',
    null,
    h('p', { class: 'fine' }, t(connection.links_by_email ? 'connections.linkable.on' : 'connections.linkable.off')),
    h('div', { class: 'actions start' }, h('button', { type: 'button', onclick: show }, t('connections.linkable.show'))),
    place,
  );
}

function list(users: LinkableUser[]): HTMLElement {
  const cells = (user: LinkableUser) => [h('a', { href: urlOf(`people/${encodeURIComponent(user.id)}`) }, user.name), user.email, t(user.role === 'pending' ? 'role.pending' : 'role.user')];
  return table(t('connections.linkable'), [t('people.name'), t('people.email'), t('people.role')], users.map(cells));
}
