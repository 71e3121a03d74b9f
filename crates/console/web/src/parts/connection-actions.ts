// What can be done with a connection: another token, and deleting it.
import { deleteScimConnection, rotateScimConnection, type ConnectionInfo } from '@rosterd/client';
import { call, client } from '../api.js';
import { go } from '../router.js';
import { t } from '../texts/index.js';
import { showToken } from './connection-form.js';
import { confirm, openDialog } from './dialog.js';
import { makeForm } from './form.js';
import { fill, h } from './h.js';
import { failure, toast } from './states.js';

/** For how long the token before may be good too, in seconds. */
const OVERLAPS = ['0', '3600', '86400', '604800'] as const;

/** The button that replaces the token. `changed` is given what is stored then. */
export function rotation(connection: ConnectionInfo, changed: (connection: ConnectionInfo) => void): HTMLElement {
  return h('div', { class: 'actions start' }, h('button', { type: 'button', onclick: () => rotate(connection, changed) }, t('connections.rotate')));
}

/** Asks how long the token before is good, and shows the new one. */
function rotate(connection: ConnectionInfo, changed: (connection: ConnectionInfo) => void): void {
  const form = makeForm({
    fields: [
      {
        name: 'overlap',
        label: t('connections.rotate.overlap'),
        hint: t('connections.rotate.overlap.hint'),
        kind: 'select',
        options: OVERLAPS.map((seconds) => ({ value: seconds, label: t(`webhooks.rotate.${seconds}`) })),
      },
    ],
    initial: { overlap: '86400' },
    submit: t('connections.rotate'),
    send: async (values) => {
      const { token, url: _url, ...stored } = await call(() => rotateScimConnection({ client, path: { id: connection.id }, body: { overlap: Number(values['overlap']) } }));
      dialog.close();
      await showToken(token);
      changed(stored);
    },
  });
  const dialog = openDialog(t('connections.rotate'), form.element);
}

/** The button that deletes a connection. */
export function deletion(connection: ConnectionInfo): HTMLElement {
  const trouble = h('div');
  const remove = async () => {
    const text = h('p', null, t('connections.delete.text'));
    if (!(await confirm(t('connections.delete.title', { name: connection.name }), text, t('connections.delete')))) return;
    try {
      await call(() => deleteScimConnection({ client, path: { id: connection.id } }));
      toast(t('connections.deleted'));
      go('connections');
    } catch (error) {
      fill(trouble, failure(error));
    }
  };
  return h('div', null, trouble, h('div', { class: 'actions start' }, h('button', { type: 'button', class: 'danger', onclick: () => void remove() }, t('connections.delete'))));
}
