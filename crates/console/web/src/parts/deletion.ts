// Deleting somebody: what would go, said before; and a way back, right after it and later.
import { deleteUserById, getUserDeletion, restoreUserById, type DeletionForecast, type RestoredUser } from '@rosterd/client';
import { call, client } from '../api.js';
import { go, urlOf } from '../router.js';
import { t, tOr } from '../texts/index.js';
import { confirm, openDialog } from './dialog.js';
import { fill, h, type Child } from './h.js';
import { failure, toast } from './states.js';
import { number } from './time.js';

const DAY = 86_400;

/** Rows by table, in words: `12 chats`. What has no word is named as the table is. */
export function rowsInWords(rows: Record<string, number>): HTMLElement {
  const words = ([table, n]: [string, number]) => {
    const known = tOr('rows', table, { n });
    return h('li', null, known === table ? `${number(n)} ${table}` : known);
  };
  // The account itself comes first.
  const isAccount = ([table]: [string, number]) => Number(table === 'user');
  return h('ul', { class: 'rows' }, Object.entries(rows).toSorted((a, b) => isAccount(b) - isAccount(a)).map(words));
}

const isEmpty = (rows: Record<string, number>) => Object.keys(rows).length === 0;

/** How long a deleted account is kept, in days. */
const daysOf = (seconds: number) => Math.max(1, Math.round(seconds / DAY));

/** Whether there is a way back, in a sentence. */
function wayBack(forecast: DeletionForecast): string {
  if (forecast.kept === 'yes') return t('delete.kept', { n: daysOf(forecast.retention) });
  return t(forecast.kept === 'too_large' ? 'delete.tooLarge' : forecast.kept === 'off' ? 'delete.off' : 'delete.noTables');
}

/** Asks, with what would go; whether and how it was deleted. */
async function ask(name: string, email: string, forecast: DeletionForecast): Promise<{ purge: boolean } | null> {
  const kept = forecast.kept === 'yes';
  const purge = h('input', { type: 'checkbox' });
  const text = h(
    'div',
    { class: 'forecast' },
    h('p', null, t('delete.removed')),
    rowsInWords(forecast.removed),
    !isEmpty(forecast.cleared) && [h('p', null, t('delete.cleared')), rowsInWords(forecast.cleared)],
    !isEmpty(forecast.not_kept) && [h('p', null, t('delete.notKept')), rowsInWords(forecast.not_kept)],
    h('p', { class: kept ? 'notice' : 'notice bad' }, wayBack(forecast)),
    kept && h('label', { class: 'choice' }, purge, t('delete.purge')),
  );
  if (!(await confirm(t('person.delete.title', { name }), text, t('person.delete'), email))) return null;
  return { purge: purge.checked || forecast.kept === 'too_large' };
}

/** Asks, deletes, and offers to take it back. `false`: nothing was deleted. */
export async function deleteOne({ id, name, email }: { id: string; name: string; email: string }): Promise<boolean> {
  const path = { id };
  const forecast = await call(() => getUserDeletion({ client, path }));
  const answer = await ask(name, email, forecast);
  if (!answer) return false;
  await call(() => deleteUserById({ client, path, query: answer.purge ? { purge: true } : {} }));
  const undo = { label: t('delete.undo'), run: () => void restoreOne(id, name) };
  toast(t('person.deleted', { name }), forecast.kept === 'yes' && !answer.purge ? undo : undefined);
  return true;
}

/** Brings somebody back, tells what did not come, and shows the account. What is in the way is shown. */
export async function restoreOne(id: string, name: string): Promise<boolean> {
  try {
    const restored = await call(() => restoreUserById({ client, path: { id } }));
    go(`people/${encodeURIComponent(id)}`);
    toast(t('delete.restored', { name }));
    tellOfLoss(restored);
    return true;
  } catch (error) {
    openDialog(t('delete.notRestored', { name }), failure(error));
    return false;
  }
}

function tellOfLoss(restored: RestoredUser): void {
  if (isEmpty(restored.left_out)) return;
  openDialog(t('delete.restored', { name: restored.user.name }), h('div', { class: 'prose' }, h('p', null, t('delete.leftOut')), rowsInWords(restored.left_out)));
}

/** The button that deletes an account. */
export function deleteButton(person: { id: string; name: string; email: string }, trouble: HTMLElement): Child {
  const button = h('button', { type: 'button', class: 'danger', onclick: () => void run() }, t('person.delete'));
  const run = async () => {
    fill(trouble);
    button.disabled = true;
    try {
      if (await deleteOne(person)) return go('people');
    } catch (error) {
      fill(trouble, failure(error));
    }
    button.disabled = false;
  };
  return button;
}

/** Where the deleted people are. */
export const toDeleted = () => h('a', { href: urlOf('people/deleted'), class: 'button' }, t('deleted.title'));
