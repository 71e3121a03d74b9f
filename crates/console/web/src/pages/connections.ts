// The connections by SCIM: identity providers that make, change and disable accounts here.
import { listScimConnections, type ConnectionInfo } from '@rosterd/client';
import { call, client } from '../api.js';
import { pageTitle } from '../parts/card.js';
import { newConnection } from '../parts/connection-form.js';
import { h } from '../parts/h.js';
import { empty, part } from '../parts/states.js';
import { table } from '../parts/table.js';
import { number, when } from '../parts/time.js';
import { go, urlOf, type Page } from '../router.js';
import { t } from '../texts/index.js';

/** Where a connection's own page is. */
const pathOf = (id: string) => `connections/${encodeURIComponent(id)}`;

export const connections: Page = (place) => {
  const add = () => newConnection((id) => go(pathOf(id)));
  return h(
    'div',
    null,
    pageTitle(t('connections.title'), h('div', { class: 'actions' }, h('button', { type: 'button', class: 'primary', onclick: add }, t('connections.new')))),
    h('p', { class: 'fine' }, t('connections.text')),
    h(
      'section',
      { class: 'card', 'aria-label': t('connections.table') },
      part(async () => {
        const all = await call(() => listScimConnections({ client }));
        return all.length === 0 ? empty(t('connections.none'), t('connections.none.next')) : list(all);
      }, place.left),
    ),
  );
};

/** When a connection was last used. */
export const lastUsed = (connection: ConnectionInfo) => (connection.last_used_at === null ? t('connections.never') : when(connection.last_used_at));

function list(all: ConnectionInfo[]): HTMLElement {
  const head = ['connections.name', 'connections.users', 'connections.groups', 'connections.lastUsed', 'connections.created'] as const;
  const cells = (connection: ConnectionInfo) => [
    h('a', { href: urlOf(pathOf(connection.id)) }, connection.name),
    number(connection.users),
    number(connection.groups),
    lastUsed(connection),
    when(connection.created_at),
  ];
  return table(t('connections.table'), head.map((key) => t(key)), all.map(cells));
}
