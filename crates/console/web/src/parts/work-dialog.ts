// The progress of work over many, with a line for each result. The dialog can be left, and opened again.
import { t } from '../texts/index.js';
import { openDialog } from './dialog.js';
import { h } from './h.js';
import { type Result, type Work } from './work.js';

function line(result: Result): HTMLElement {
  return h('tr', { class: result.error === null ? '' : 'failed' }, h('td', null, result.name), h('td', null, result.error ?? t('bulk.ok')));
}

/** Shows work, until the dialog is closed. */
export async function showWork(work: Work): Promise<void> {
  const bar = h('progress', { max: Math.max(work.total, 1), value: 0, 'aria-label': work.title });
  const state = h('p', { role: 'status' });
  const only = h('input', { type: 'checkbox' });
  const body = h('tbody');
  const buttons = h('div', { class: 'actions' });
  const table = h(
    'div',
    { class: 'scroll results', tabIndex: 0, role: 'group', 'aria-label': t('bulk.table') },
    h('table', null, h('thead', null, h('tr', null, h('th', { scope: 'col' }, t('people.name')), h('th', { scope: 'col' }, t('bulk.result')))), body),
  );
  const filter = h('label', { class: 'inline' }, only, t('bulk.onlyFailed'));
  only.addEventListener('change', () => body.classList.toggle('only-failed', only.checked));

  let drawn = 0;
  const draw = () => {
    for (; drawn < work.results.length; drawn += 1) {
      body.append(line(work.results[drawn] as Result));
    }
    bar.value = work.done;
    const failed = work.failed.length;
    const counts = work.running ? t('bulk.progress', { done: work.done, n: work.total }) : t('bulk.done', { good: work.good, n: work.total });
    state.textContent = failed ? `${counts}, ${t('bulk.failed', { n: failed })}` : counts;
    filter.hidden = failed === 0;
    if (buttons.dataset['running'] !== String(work.running)) offer();
  };
  const offer = () => {
    buttons.dataset['running'] = String(work.running);
    if (work.running) {
      buttons.replaceChildren(
        h('button', { type: 'button', onclick: () => work.stop() }, t('bulk.stop')),
        h('button', { type: 'button', class: 'primary', onclick: () => dialog.close() }, t('bulk.leave')),
      );
      return;
    }
    const retry = work.failed.length > 0 && h('button', { type: 'button', onclick: again }, t('bulk.retry'));
    const close = h('button', { type: 'button', class: 'primary', onclick: () => dialog.close() }, t('bulk.close'));
    buttons.replaceChildren(...[retry, close].filter((button) => button !== false));
    close.focus();
  };
  const again = () => {
    const rest = work.again();
    dialog.close();
    void rest.start();
    void showWork(rest);
  };
  const dialog = openDialog(work.title, h('div', null, bar, state, filter, table, buttons), { wide: true });
  work.addEventListener('progress', draw);
  draw();
  await dialog.closed;
  work.removeEventListener('progress', draw);
  if (!work.running) work.forget();
}
